"""Promise 3: every POST is safe to repeat, also where the repeats arrive at once."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from rest_framework.test import APIClient

from campaigns.models import Campaign
from retention.access.models import IdempotentAnswer, Scope
from retention.access.services.keys import make_key
from retention.jobs.models import JobRun
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
SENDERS = 20
ROUNDS = 50 if WHOLE else 1
OFFER = {"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000}
PLAN = {"name": "n", "bands": ["HIGH"], "budget_amount": 9000, "currency": "GBP", "offers": [OFFER]}


def send(secret: str, address: str, body: object, key: str, start: threading.Barrier) -> Any:
    shop = APIClient(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key})
    connection.ensure_connection()
    start.wait(timeout=60)
    answer = shop.post(f"/api/v1/{address}/", body)
    return answer.status_code, answer.content


@pytest.mark.parametrize(
    ("address", "body", "effect"),
    [
        ("campaigns", PLAN, Campaign),
        ("training-runs", {"kind": "CHURN"}, JobRun),
    ],
)
def test_twenty_at_once_have_one_effect_and_one_answer(
    address: str, body: object, effect: type[Model]
) -> None:
    _, secret = make_key("Shop", scopes=list(Scope.values), at=NOW)

    with Crowd(SENDERS) as crowd:
        answers = [
            set(crowd.map(send, *([one] * SENDERS for one in (secret, address, body, key, start))))
            for key in (f"k{number}" for number in range(ROUNDS))
            for start in [threading.Barrier(SENDERS)]
        ]

    assert [len(different) for different in answers] == [1] * ROUNDS
    assert effect._default_manager.count() == ROUNDS
    assert IdempotentAnswer.objects.count() == ROUNDS
