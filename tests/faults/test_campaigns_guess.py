"""Codes cannot be guessed: neither by luck, nor by what a refusal or its work gives away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.codes import new_codes, normal
from campaigns.models import Coupon
from campaigns.orders import Order
from campaigns.selectors.validity import examine
from tests import make
from tests.faults.processes import WHOLE
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

GUESSES, LIVE = (1_000_000, 100_000) if WHOLE else (20_000, 2_000)
AT_ONCE = 1_000


def test_random_guesses_hit_no_live_code() -> None:
    issue(LIVE)

    hits = sum(
        Coupon.objects.filter(code_normal__in=map(normal, new_codes(AT_ONCE))).count()
        for _ in range(GUESSES // AT_ONCE)
    )

    assert hits == 0


def issue(count: int) -> None:
    campaign = make.campaign(state="RUNNING")
    Coupon.objects.bulk_create(
        (
            Coupon(
                campaign=campaign,
                offer=campaign.offers.get(),
                code=code,
                code_normal=normal(code),
                worst_case=1000,
                issued_at=NOW,
                expires_at=NOW + timedelta(days=30),
            )
            for code in new_codes(count)
        ),
        batch_size=5_000,
    )


def test_a_code_of_somebody_else_is_looked_up_and_refused_as_one_that_never_was() -> None:
    mine, theirs = make.customer(), make.customer()
    foreign = make.coupon(customer=theirs).code

    assert work(foreign, mine.external_id) == work("K7QM-3TXW-9HRB", mine.external_id)


def work(code: str, customer: str) -> tuple[int, object]:
    """How many queries an answer took, and the answer."""
    order = Order(customer=customer, order_id="17", amount=5_000, currency="GBP")
    with CaptureQueriesContext(connection) as queries:
        verdict = examine(code, order=order, at=NOW)
    return len(queries), verdict
