from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, Coupon, Holdout
from campaigns.selectors.preview import preview
from campaigns.selectors.results import results_of
from campaigns.services.admit import admit_customers
from campaigns.services.cancel import cancel_campaign
from campaigns.services.finish import finish_campaign
from campaigns.services.launch import launch_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.pause import pause_campaign
from campaigns.services.transition import WrongState
from customers.models import Consent, Customer
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANNE = Actor("anne")


def quietly(done: int, total: int, message: str) -> None:
    """Nobody watches."""


def on_baskets(**fields: Any) -> Campaign:
    """Launched yesterday; for a month it waits for baskets left for four hours."""
    given: dict[str, Any] = {"trigger": "BASKET", "trigger_value": 4, "bands": []}
    given |= {"state": "RUNNING", "launched_at": NOW - DAY, "admits_until": NOW + 30 * DAY}
    return make.campaign(**(given | {"control_share": 0.5} | fields))


def leave_basket(at: datetime, *, customer: Customer | None = None) -> Customer:
    customer = customer or make.customer()
    make.event(kind="CART", order_id="", customer=customer, product=make.product(), occurred_at=at)
    return customer


def admit(campaign: Campaign, at: datetime = NOW) -> int:
    return admit_customers(campaign.pk, at=at, progress=quietly)


def test_whoever_left_a_basket_is_admitted_once_with_the_reason_and_by_the_lot() -> None:
    campaign = on_baskets()
    left = [leave_basket(NOW - 5 * HOUR) for _ in range(20)]
    leave_basket(NOW - 3 * HOUR)
    make.event(customer=leave_basket(NOW - 6 * HOUR), occurred_at=NOW - HOUR)

    assert (admit(campaign), admit(campaign)) == (20, 0)

    admitted = Assignment.objects.all()
    assert {one.customer for one in admitted} == set(left)
    assert {one.occasion for one in admitted} == {"Basket of 1 product left since 1 June, 08:00"}
    assert sorted(one.rank for one in admitted) == list(range(1, 21))
    assert 0 < Coupon.objects.count() == admitted.filter(arm="TREATMENT").count() < 20


def test_nobody_comes_twice_however_often_it_happens() -> None:
    campaign = on_baskets()
    customer = leave_basket(NOW - 5 * HOUR)
    admit(campaign)
    other = make.customer(merged_into=None)
    leave_basket(NOW + 10 * DAY, customer=customer)
    Customer.objects.filter(pk=other.pk).update(merged_into=customer)

    assert admit(campaign, NOW + 10 * DAY + 5 * HOUR) == 0


def test_what_was_so_before_the_launch_counts_only_where_that_is_asked_for() -> None:
    leave_basket(NOW - 30 * HOUR)

    assert admit(on_baskets()) == 0
    assert admit(on_baskets(trigger_already=True)) == 1


@override_settings(GLOBAL_HOLDOUT_SHARE=0.3)
def test_who_may_not_be_chosen_is_not_admitted() -> None:
    campaign = on_baskets(bands=[])
    silent = [leave_basket(NOW - 5 * HOUR, customer=make.customer(consents=())) for _ in range(3)]
    objector = leave_basket(NOW - 5 * HOUR)
    Consent.objects.filter(customer=objector, purpose="ANALYTICS").update(granted=False)
    lately = leave_basket(NOW - 5 * HOUR)
    make.coupon(campaign=make.campaign(state="COMPLETED"), customer=lately, issued_at=NOW - DAY)
    everyone = [leave_basket(NOW - 5 * HOUR) for _ in range(40)]

    admit(campaign)

    held_out = set(Holdout.objects.values_list("customer", flat=True))
    admitted = set(Assignment.objects.values_list("customer", flat=True))
    assert held_out
    assert admitted == {one.pk for one in everyone} - held_out
    assert not admitted & {one.pk for one in [*silent, objector, lately]}


def test_a_campaign_is_full_before_the_budget_is_passed_and_in_both_arms_at_once() -> None:
    campaign = on_baskets(budget_amount=5_500)
    for hour in range(6):
        for _ in range(10):
            leave_basket(NOW + hour * HOUR)
    for hour in range(6):
        admit(campaign, NOW + (hour + 5) * HOUR)

    campaign.refresh_from_db()
    assert (campaign.committed_amount, Coupon.objects.count()) == (5_000, 5)
    last = Assignment.objects.order_by("-rank").first()
    assert last is not None
    assert last.arm == "TREATMENT"  # No control came once it was full.
    assert not campaign.admits(NOW + DAY)


def test_a_largest_number_holds_over_all_admissions() -> None:
    campaign = on_baskets(maximum_customers=3)
    for hour in range(5):
        leave_basket(NOW + hour * HOUR)
        admit(campaign, NOW + (hour + 4) * HOUR)

    assert Assignment.objects.count() == 3


def test_nobody_is_admitted_while_it_is_paused_nor_after_its_last_day() -> None:
    campaign = on_baskets(admits_until=NOW + DAY)
    leave_basket(NOW - 5 * HOUR)
    leave_basket(NOW + 20 * HOUR)
    pause_campaign(campaign.pk, by=ANNE, at=NOW)

    assert admit(campaign) == 0
    Campaign.objects.update(state="RUNNING")
    assert admit(campaign, NOW + DAY) == 0


def test_a_launch_chooses_nobody_yet_and_not_after_the_last_day() -> None:
    leave_basket(NOW - 5 * HOUR)
    campaign = on_baskets(state="APPROVED", launched_at=None)
    over = on_baskets(state="APPROVED", launched_at=None, admits_until=NOW)

    launch_campaign(campaign.pk, by=ANNE, at=NOW, progress=quietly)
    with pytest.raises(WrongState, match="choose a later day"):
        launch_campaign(over.pk, by=ANNE, at=NOW, progress=quietly)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.launched_at) == ("RUNNING", NOW)
    assert not Assignment.objects.exists()


@override_settings(GLOBAL_HOLDOUT_SHARE=0)
def test_a_preview_is_of_the_last_thirty_days() -> None:
    for days in (1, 10, 20, 40, 80, 100):
        leave_basket(NOW - days * DAY)
    again = leave_basket(NOW - 5 * DAY)
    leave_basket(NOW - 4 * DAY, customer=again)

    seen = preview(on_baskets(state="DRAFT", launched_at=None), at=NOW)

    assert [(one.days, one.customers) for one in seen.volumes] == [(30, 4), (90, 6)]
    assert (seen.found, seen.chosen, seen.treated + seen.control) == (4, 4, 4)


def test_each_customer_is_measured_in_their_own_days_and_when_these_are_over() -> None:
    campaign = on_baskets(measure_days=10, admits_until=NOW + 20 * DAY)
    early, late = make.customer(), make.customer()
    for customer, day in ((early, 0), (late, 5)):
        make.assignment(campaign=campaign, customer=customer, assigned_at=NOW + day * DAY)
        make.assignment(
            campaign=campaign, customer=make.customer(), arm="CONTROL", assigned_at=NOW + day * DAY
        )
    make.event(customer=early, occurred_at=NOW + 9 * DAY)
    make.event(customer=early, occurred_at=NOW + 11 * DAY)
    make.event(customer=late, occurred_at=NOW + 4 * DAY)
    make.event(customer=late, occurred_at=NOW + 15 * DAY)

    assert measure_campaign(campaign.pk, at=NOW + 12 * DAY) == []
    campaign_after = measure_campaign(campaign.pk, at=NOW + 16 * DAY)

    orders = next(one for one in campaign_after if one.metric == "ORDERS")
    assert (orders.treated_count, orders.control_count) == (2, 2)
    assert (orders.treated_mean, orders.control_mean) == (0.5, 0)
    said = results_of(campaign, at=NOW + 16 * DAY)
    assert (said.stage, said.days) == ("TOO_EARLY", 31)
    with pytest.raises(WrongState):
        finish_campaign(campaign.pk, by=ANNE, at=NOW + 29 * DAY)
    finish_campaign(campaign.pk, by=ANNE, at=NOW + 30 * DAY)
    assert results_of(campaign, at=NOW + 30 * DAY).stage == "FINAL"


def test_a_customer_is_free_for_others_when_their_own_days_are_over() -> None:
    first = on_baskets(measure_days=10)
    customer = leave_basket(NOW - 5 * HOUR)
    admit(first)
    Coupon.objects.all().delete()
    second = on_baskets(launched_at=NOW, measure_days=10)
    for day in (8, 11):
        leave_basket(NOW + day * DAY, customer=customer)

    assert admit(second, NOW + 8 * DAY + 5 * HOUR) == 0
    assert admit(second, NOW + 11 * DAY + 5 * HOUR) == 1


def test_a_cancelled_campaign_is_measured_until_the_days_of_the_last_are_over() -> None:
    campaign = on_baskets(measure_days=10)

    cancel_campaign(campaign.pk, by=ANNE, at=NOW)

    campaign.refresh_from_db()
    assert campaign.measures_until == NOW + 10 * DAY
