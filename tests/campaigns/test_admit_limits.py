"""What holds each admission back, and that it is this and nothing else that does."""

from typing import Any

import pytest
from django.test import override_settings

from campaigns.models import Assignment, Campaign, Coupon
from campaigns.selectors.fired import fired
from campaigns.services.admit import admit_customers
from customers.models import Customer
from retention.learning.measure.experiments import uniform
from tests import make
from tests.campaigns.test_admit import DAY, HOUR, admit, leave_basket, on_baskets
from tests.customers.merging import merge
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_held_out")]


@pytest.fixture
def nobody_held_out() -> Any:
    with override_settings(GLOBAL_HOLDOUT_SHARE=0):
        yield


def baskets(count: int) -> list[Customer]:
    return [leave_basket(NOW - 5 * HOUR) for _ in range(count)]


def test_nobody_is_drawn_for_a_coupon_that_the_budget_no_longer_covers() -> None:
    campaign = on_baskets(budget_amount=5_500, control_share=0.01)
    baskets(20)

    admit(campaign)

    outcomes = Assignment.objects.filter(arm="TREATMENT").values_list("outcome", flat=True)
    assert list(outcomes) == ["ISSUED"] * 5


def test_coupons_that_wait_for_their_issue_are_promised_already() -> None:
    campaign = on_baskets(budget_amount=5_000, control_share=0.01)
    for rank in range(1, 4):
        make.assignment(campaign=campaign, rank=rank, assigned_at=NOW - HOUR)
    baskets(20)

    admit(campaign)

    assert campaign.assignments.filter(arm="TREATMENT").count() == 5


def test_who_got_a_coupon_within_the_gap_is_not_admitted_and_a_day_later_is() -> None:
    campaign = on_baskets(contact_gap_days=7)
    lately, before = baskets(2)
    ended = make.campaign(state="COMPLETED")
    make.coupon(campaign=ended, customer=lately, issued_at=NOW - 6 * DAY)
    make.coupon(campaign=ended, customer=before, issued_at=NOW - 8 * DAY)

    admit(campaign)

    assert [one.customer for one in Assignment.objects.all()] == [before]


def test_the_hash_of_the_shops_id_alone_says_who_is_control_in_whatever_order_they_come() -> None:
    campaign = on_baskets(control_share=0.3)
    customers = [leave_basket(NOW + n % 3 * HOUR) for n in range(30)]
    for hour in (4, 5, 6):
        admit(campaign, NOW + hour * HOUR)

    control = Assignment.objects.filter(arm="CONTROL").values_list("customer", flat=True)
    drawn = {one.pk for one in customers if uniform(one.external_id, campaign.salt) < 0.3}
    assert set(control) == drawn
    assert Assignment.objects.count() == 30 > len(drawn) > 0


def test_who_was_admitted_is_no_longer_chosen_under_any_of_their_ids() -> None:
    campaign = on_baskets()
    (kept,) = baskets(1)
    admit(campaign)
    again = leave_basket(NOW - 5 * HOUR)
    assert list(fired(campaign, at=NOW)) == [again.pk]

    merge(again, kept)

    assert fired(campaign, at=NOW) == {}


def test_of_two_workers_who_chose_the_same_customers_each_is_admitted_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("campaigns.services.admit.CHUNK", 4)
    campaign = on_baskets()
    baskets(10)

    def another_worker(done: int, total: int, message: str) -> None:
        admit(campaign)

    mine = admit_customers(campaign.pk, at=NOW, progress=another_worker)

    assert mine == 4
    assert sorted(Assignment.objects.values_list("rank", flat=True)) == list(range(1, 11))
    treated = Assignment.objects.filter(arm="TREATMENT").count()
    assert Coupon.objects.count() == treated


def test_a_pause_ends_it_after_the_chunk_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.services.admit.CHUNK", 4)
    campaign = on_baskets()
    baskets(10)

    def pause(done: int, total: int, message: str) -> None:
        Campaign.objects.update(state="PAUSED")

    assert admit_customers(campaign.pk, at=NOW, progress=pause) == 4
    assert not Coupon.objects.exists()
