"""Several promoters, trainings and removers at once: never two champions, never none."""

import random
from pathlib import Path

import pytest

from retention.access.audit import first_broken
from retention.insights.families.registry import FAMILIES
from retention.insights.models import Kind, ModelVersion
from retention.insights.services.promote import NotPromotable, promote
from retention.insights.services.prune import prune_versions
from retention.insights.services.train import train
from retention.insights.serving import load_champion
from tests.insights import toys
from tests.insights.toys import Toy
from tests.live import Crowd
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("live_database", "models")
WORKERS = 4


def promoted(pk: int) -> bool:
    try:
        promote(ModelVersion.objects.get(pk=pk), at=NOW, actor="t", verdict="By chance.")
    except (NotPromotable, ModelVersion.DoesNotExist):
        return False
    return True


def champions_seen(times: int) -> set[int]:
    """How many champions a reader counts, again and again; each time it reads the model whole."""
    counts = set()
    for _ in range(times):
        counts.add(ModelVersion.objects.champions().filter(kind="CHURN").count())
        assert load_champion("CHURN")
    return counts


def test_of_first_promoters_at_once_one_is_left_serving() -> None:
    keys = [toys.version(number=n).pk for n in range(WORKERS)]

    with Crowd(WORKERS) as crowd:
        done = list(crowd.map(promoted, keys))

    assert all(done)
    assert ModelVersion.objects.champions().count() == 1


def test_readers_never_see_none_or_two_while_promoters_take_turns() -> None:
    keys = [toys.version(number=n).pk for n in range(5)]
    promoted(keys[0])
    draws = random.Random(1).choices(keys, k=40)

    with Crowd(WORKERS) as crowd:
        reading = crowd.submit(champions_seen, 60)
        list(crowd.map(promoted, draws))

    assert reading.result() == {1}
    assert ModelVersion.objects.champions().count() == 1
    assert first_broken() is None


def test_trainings_of_one_kind_at_once_have_different_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(FAMILIES, Kind.CHURN, Toy())

    with Crowd(WORKERS) as crowd:
        list(crowd.map(lambda _: train("CHURN", at=NOW), range(WORKERS)))

    numbers = ModelVersion.objects.values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4]
    assert ModelVersion.objects.champions().count() == 1


def test_what_is_promoted_while_old_versions_are_removed_is_not_removed(models: Path) -> None:
    keys = [toys.version(number=n, promoted_at=NOW, state="ARCHIVED").pk for n in range(14)]
    promoted(keys[-1])

    with Crowd(WORKERS) as crowd:
        removing = [crowd.submit(prune_versions, at=NOW) for _ in range(2)]
        list(crowd.map(promoted, keys[:7]))

    assert sum(each.result() for each in removing) > 0
    assert ModelVersion.objects.champions().count() == 1
    assert load_champion("CHURN")
    assert {each.name for each in models.iterdir()} == set(
        ModelVersion.objects.values_list("path", flat=True)
    )
