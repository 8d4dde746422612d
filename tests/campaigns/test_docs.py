"""The examples of docs/api/coupons.md, executed in their order."""

import json
import re
from typing import Any

import pytest
import time_machine

from retention.env import PROJECT_DIR
from tests import make
from tests.customers.sending import client
from tests.make import NOW

PAGE = PROJECT_DIR / "docs" / "api" / "coupons.md"
EXAMPLE = re.compile(r"```http\n(\w+) (\S.*?)\n(.*?)```\n```json\n(.*?)```", re.DOTALL)


def without_ids(value: Any) -> Any:
    """The answer without the numbers that a database gives."""
    match value:
        case dict():
            return {k: without_ids(v) for k, v in value.items() if k not in {"id", "campaign"}}
        case list():
            return [without_ids(item) for item in value]
    return value


@pytest.mark.django_db
def test_every_documented_example_is_answered_as_documented() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    make.make_offer(campaign=campaign, name="10% off, at most £10.00", minimum_spend=2000)
    customer = make.customer(external_id="c-1042")
    code = {"code": "K7QM-3TXW-9HRB", "code_normal": "K7QM3TXW9HRB"}
    make.coupon(campaign=campaign, customer=customer, **code)
    shop, examples = client(), EXAMPLE.findall(PAGE.read_text())

    with time_machine.travel(NOW, tick=False):
        answers = [
            shop.generic(verb, url, body.strip(), content_type="application/json").json()
            for verb, url, body, _ in examples
        ]

    assert len(examples) == 6
    assert without_ids(answers) == without_ids([json.loads(said) for *_, said in examples])
