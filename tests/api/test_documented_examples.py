"""Every example of docs/api is executed, in its order, and answered as it stands there."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from campaigns.models import Redemption
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.env import PROJECT_DIR
from tests import make
from tests.api.documented import FENCE, Reader, examples_of
from tests.api.shop import open_shop
from tests.make import NOW

pytestmark = pytest.mark.django_db
PAGES = sorted((PROJECT_DIR / "docs" / "api").glob("*.md"))


def reader() -> Reader:
    _, secret = make_key("Shop", scopes=list(Scope.values), at=NOW)
    return Reader(Client(), secret)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_of_a_page_is_answered_as_it_says(
    page: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.ARTIFACT_DIR = tmp_path
    monkeypatch.setattr("campaigns.services.draft.secrets.token_hex", lambda _: "salt")
    open_shop()
    shop, examples = reader(), examples_of(page)

    with time_machine.travel(NOW, tick=False):
        for example in examples:
            answer = shop.paste(example.command)
            assert answer.status == example.status, (example.command, answer.body)
            shop.compare(example.body, answer.body, about=answer.about)

    assert examples


def test_the_example_of_the_readme_spends_a_coupon() -> None:
    coupon = make.coupon(customer=make.customer(external_id="C0000012"))
    commands = [text for _, text in FENCE.findall((PROJECT_DIR / "README.md").read_text())]
    command = next(text for text in commands if "curl" in text)

    written = command.replace("http://127.0.0.1:8000", "").replace("/CODE/", f"/{coupon.code}/")
    written = written.replace("CUSTOMER", "C0000012")
    with time_machine.travel(NOW, tick=False):
        answer = reader().paste(written)

    assert answer.status == 201
    assert Redemption.objects.get().coupon == coupon


def test_a_difference_shows() -> None:
    with pytest.raises(AssertionError):
        reader().compare({"stored": 1}, {"stored": 2}, about="events")
