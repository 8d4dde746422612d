"""A half model never serves, however often the training is killed (promise 22)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import WHOLE, Product, product

pytestmark = pytest.mark.faults
KILLS = 200 if WHOLE else 20
STATES = "SELECT state, count(*) FROM insights_modelversion GROUP BY state"


@pytest.fixture
def shop() -> Iterator[Product]:
    with product() as made:
        yield made


def killed(shop: Product, folder: Path) -> list[dict[str, Any]]:
    """What two readers saw while trainings were killed."""
    said = shop.python(
        "from pathlib import Path\n"
        "from tests.insights.killing import run\n"
        f"run(Path({str(folder)!r}), kills={KILLS}, seed=4)"
    )
    seen: list[dict[str, Any]] = json.loads(said)
    return seen


def test_readers_see_one_whole_champion_while_trainings_are_killed(
    shop: Product, tmp_path: Path
) -> None:
    one, two = killed(shop, tmp_path)

    for seen in (one, two):
        assert seen["champions"] == [1]
        assert (seen["mixed"], seen["backwards"], seen["errors"]) == (0, 0, [])
        assert seen["reads"] > KILLS
    states = dict(shop.rows(STATES))
    assert states["CHAMPION"] == 1
    assert states["ARCHIVED"] > 0
    # What was cut off half-way is there to be swept, and no row names it.
    named = {path for (path,) in shop.rows("SELECT path FROM insights_modelversion")}
    assert named <= {left.name for left in (shop.folder / "models").iterdir()}
