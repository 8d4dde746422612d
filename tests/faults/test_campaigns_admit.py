"""Promises 6 and 7 of whom a trigger lets in: each once, within the budget, whoever does it."""

from datetime import timedelta

import pytest

from campaigns.models import Assignment, Campaign, Coupon
from campaigns.services.admit import admit_customers
from customers.models import Event
from tests import make
from tests.campaigns.audiences import at_risk
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
HOUR = timedelta(hours=1)
CUSTOMERS, WORKERS = (10_000, 8) if WHOLE else (600, 4)


def test_many_workers_at_once_admit_each_customer_once_and_within_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("campaigns.services.admit.CHUNK", 20)
    budget = CUSTOMERS // 2 * 1000
    campaign = make.campaign(
        state="RUNNING",
        bands=[],
        trigger="BASKET",
        trigger_value=4,
        launched_at=NOW - 24 * HOUR,
        admits_until=NOW + 24 * HOUR,
        budget_amount=budget,
    )
    product = make.product()
    Event.objects.bulk_create(
        Event(
            message_id=f"basket{n}",
            kind="CART",
            customer=customer,
            product=product,
            occurred_at=NOW - 5 * HOUR,
            received_at=NOW,
        )
        for n, customer in enumerate(at_risk(CUSTOMERS))
    )

    def admit(_: int) -> int:
        return admit_customers(campaign.pk, at=NOW, progress=lambda *_: None)

    with Crowd(WORKERS) as crowd:
        admitted = sum(crowd.map(admit, range(WORKERS)))

    ranks = Assignment.objects.order_by("rank").values_list("rank", flat=True)
    assert list(ranks) == list(range(1, admitted + 1))
    assert Assignment.objects.values("customer").distinct().count() == admitted
    assert not Assignment.objects.filter(outcome="BUDGET").exists()
    assert Coupon.objects.count() == CUSTOMERS // 2
    assert Campaign.objects.get().committed_amount == budget


def test_many_workers_at_once_open_one_wave_and_admit_its_part_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("campaigns.services.admit.CHUNK", 20)
    budget = CUSTOMERS // 2 * 1000
    campaign = make.campaign(
        state="RUNNING",
        trigger="WAVES",
        trigger_value=10,
        assigning="SHIFT",
        launched_at=NOW,
        admits_until=NOW + 480 * HOUR,
        budget_amount=budget,
    )
    make.make_offer(campaign=campaign, name="20 % off", percent=20)
    at_risk(CUSTOMERS)

    def admit(number: int) -> int:
        at = NOW + number * HOUR / 60
        return admit_customers(campaign.pk, at=at, progress=lambda *_: None)

    with Crowd(WORKERS) as crowd:
        admitted = sum(crowd.map(admit, range(WORKERS)))

    wave = campaign.waves.get()
    ranks = Assignment.objects.order_by("rank").values_list("rank", flat=True)
    assert list(ranks) == list(range(1, admitted + 1))
    assert Assignment.objects.values("customer").distinct().count() == admitted
    assert not Assignment.objects.filter(assigned_at__lt=wave.opened_at).exists()
    assert {round(one.probability, 9) for one in Assignment.objects.all()} == {0.2, 0.4}
    assert Coupon.objects.count() * 1000 <= budget // 2
    assert wave.done_at is not None
