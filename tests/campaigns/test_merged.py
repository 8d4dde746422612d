"""What was decided and promised to somebody stays, when they turn out to be somebody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from campaigns.models import Assignment, Coupon, Holdout, Measurement
from campaigns.orders import Order
from campaigns.refusing import NotRedeemable
from campaigns.selectors.arms import drawn_for_holdout
from campaigns.selectors.audience import select_audience
from campaigns.selectors.doubled import campaigns_of_both
from campaigns.selectors.outcomes import outcomes_of
from campaigns.selectors.progress import progress_of
from campaigns.selectors.results import results_of
from campaigns.services.hold_out import hold_out_customers
from campaigns.services.issue import issue_coupons
from campaigns.services.measure import measure_campaign
from campaigns.services.redeem import redeem_coupon
from customers.models import Consent, Customer, CustomerContact
from retention.insights.services.merge import merge_customers
from retention.insights.services.unmerge import unmerge_customers
from retention.learning.measure.intervals import share_difference
from retention.learning.measure.looking import level_of_look
from tests import make
from tests.campaigns.audiences import at_risk
from tests.campaigns.test_admin import operator
from tests.campaigns.test_export import exported
from tests.campaigns.test_launch import launch, quietly
from tests.campaigns.test_measure import arm, buys, make_use
from tests.customers.merging import merge, unmerge
from tests.customers.sending import client
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)
LAST_DAY = NOW + timedelta(days=60)


def spend(coupon: Coupon, customer: Customer) -> int:
    order = Order(order_id="o1", customer=customer.external_id, amount=5000, currency="GBP")
    return redeem_coupon(coupon.code, order=order, at=NOW).redemption.discount_amount


def test_the_outcome_follows_the_customer_to_whoever_they_are_now() -> None:
    campaign = make.campaign(state="RUNNING")
    (assigned,) = arm(campaign, "TREATMENT", count=1, buyers=1)
    stranger = make.customer()
    buys(stranger, amount=3000)

    made = merge(stranger, assigned)
    as_one = outcomes_of(campaign, until=LATER)
    unmerge(made)

    assert (as_one.orders.tolist(), as_one.revenue.tolist()) == ([2], [4200])
    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [1200]
    assert Assignment.objects.get().customer == assigned


def test_of_two_draws_of_one_person_the_earlier_counts_and_the_conflict_is_said() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    treated = arm(campaign, "TREATMENT", count=42, buyers=30)
    control = arm(campaign, "CONTROL", count=41, buyers=10)
    merge(treated[0], control[40])  # Drawn for a coupon first: they had kept buying.
    merge(control[10], treated[41])  # Drawn after: neither bought.
    merge(control[11], control[39])
    Assignment.objects.filter(customer=treated[41]).update(assigned_at=NOW + timedelta(seconds=1))
    forgotten = Assignment.objects.filter(customer=treated[40])
    forgotten.update(customer=None)

    measure_campaign(campaign.pk, at=LAST_DAY)
    result = results_of(campaign, at=LAST_DAY)

    kept = Measurement.objects.get(metric="KEPT")
    truth = share_difference(30, 40, 10, 39, level_of_look(1.0))
    assert (kept.effect, kept.ci_low, kept.ci_high) == (truth.value, truth.low, truth.high)
    assert (result.doubled, result.conflicts) == (3, 2)
    assert 40 + 39 + result.doubled + 1 == Assignment.objects.count()
    assert result.notes[1].startswith(
        "3 customers were drawn twice, 2 of them into another group the second time: under two ids"
    )


def test_the_api_and_the_result_page_say_how_many_were_left_out() -> None:
    campaign = make.campaign(state="RUNNING")
    (treated, *_) = arm(campaign, "TREATMENT", count=3, buyers=1)
    (control, *_) = arm(campaign, "CONTROL", count=3, buyers=1)
    merge(treated, control)
    measure_campaign(campaign.pk, at=LATER)

    answer = client().get(f"/api/v1/campaigns/{campaign.pk}/results/").json()
    page = operator().get(f"/admin/campaigns/campaign/{campaign.pk}/results/").content.decode()

    assert (answer["doubled"], answer["conflicts"]) == (1, 1)
    assert "1 draw left out, 1 of them into another group" in page


def test_undone_each_counts_where_they_were_drawn() -> None:
    campaign = make.campaign(state="RUNNING")
    (treated,) = arm(campaign, "TREATMENT", count=1, buyers=1)
    (control,) = arm(campaign, "CONTROL", count=1, buyers=0)

    unmerge(merge(treated, control))

    outcomes = outcomes_of(campaign, until=LATER)
    assert (outcomes.treated.tolist(), outcomes.orders.tolist()) == ([True, False], [1, 0])
    assert outcomes.doubled == 0


def test_what_a_coupon_of_the_absorbed_took_off_is_taken_off() -> None:
    campaign = make.campaign(state="RUNNING")
    (assigned,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    coupon = make.coupon(campaign=campaign, customer=assigned)
    keeper = make.customer()
    merge(keeper, assigned)
    buys(keeper, order_id="o1", amount=5000)
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=500)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [4500]


def test_a_coupon_of_the_absorbed_is_the_keepers_by_either_id_until_it_is_undone() -> None:
    coupon, keeper = make.coupon(maximum_redemptions=1), make.customer()
    assert coupon.customer is not None
    other = make.coupon(campaign=coupon.campaign)
    made = merge(keeper, coupon.customer)

    with pytest.raises(NotRedeemable):
        spend(other, keeper)
    assert spend(coupon, keeper) == 500

    unmerge(made)
    with pytest.raises(NotRedeemable, match="not valid for this customer"):
        spend(coupon, keeper)


def test_a_coupon_still_to_come_is_asked_of_whoever_they_are_now() -> None:
    campaign = make.campaign(state="RUNNING")
    campaign.chunks.create(number=0)
    willing, refusing = make.customer(), make.customer(consents=())
    first, second = (make.assignment(campaign=campaign) for _ in range(2))
    merge(willing, _of(first))
    merge(refusing, _of(second))
    Consent.objects.filter(customer=refusing, purpose="MARKETING").update(granted=False)

    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    assert Coupon.objects.get().customer == first.customer
    second.refresh_from_db()
    assert second.outcome == "WITHDRAWN"


def test_who_was_drawn_twice_gets_one_coupon_and_none_in_the_control() -> None:
    campaign = make.campaign(state="RUNNING")
    campaign.chunks.create(number=0)
    control = make.assignment(campaign=campaign, arm="CONTROL")
    first, second, third = (make.assignment(campaign=campaign) for _ in range(3))
    merge(_of(first), _of(second))
    merge(_of(third), _of(control))

    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    outcomes = campaign.assignments.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["CONTROL", "ISSUED", "DOUBLED", "DOUBLED"]
    assert progress_of(campaign).left_out == (("Left out: merged with one drawn before", 2),)


@override_settings(GLOBAL_HOLDOUT_SHARE=0.0)
def test_who_got_a_coupon_or_is_measured_by_another_id_is_left_out() -> None:
    lately, busy, fine = at_risk(3)
    got, drawn, held = (make.customer() for _ in range(3))
    make.coupon(campaign=make.campaign(state="COMPLETED"), customer=got)
    make.assignment(campaign=make.campaign(state="RUNNING"), customer=drawn)
    Holdout.objects.create(customer=held, probability=0.5, entered_at=NOW)
    for kept, absorbed in ((lately, got), (busy, drawn), (fine, held)):
        merge_customers(kept, absorbed, by="ada", reason="", at=NOW)

    audience = select_audience(make.campaign(), at=NOW)

    assert {out.reason: out.count for out in audience.exclusions if out.count} == {
        "in_another_campaign": 1,
        "contacted_lately": 1,
    }
    # Their own hash decides, not the place of somebody they absorbed.
    assert audience.chosen.customer.tolist() == [fine.pk]


@override_settings(GLOBAL_HOLDOUT_SHARE=0.5)
def test_nobody_absorbed_is_drawn_for_the_holdout_until_it_is_undone() -> None:
    customers = [make.customer() for _ in range(20)]
    drawn = drawn_for_holdout([one.external_id for one in customers]).tolist()
    inside = next(one for one, is_in in zip(customers, drawn, strict=True) if is_in)
    outside = next(one for one, is_in in zip(customers, drawn, strict=True) if not is_in)
    made = merge(outside, inside)

    hold_out_customers(at=NOW, progress=quietly)
    as_one = Holdout.objects.filter(customer__in=[inside, outside]).count()
    unmerge_customers(made, by="ada", at=NOW)
    hold_out_customers(at=NOW, progress=quietly)

    assert as_one == 0
    assert Holdout.objects.filter(customer=inside).exists()


def test_a_launch_finds_nobody_absorbed() -> None:
    customers = at_risk(40)
    merge(customers[0], customers[39])
    campaign = make.campaign(state="APPROVED", budget_amount=10**7)

    launch(campaign)

    assert not campaign.assignments.filter(customer=customers[39]).exists()


@pytest.mark.usefixtures("at_noon")
def test_coupons_are_listed_and_exported_by_whoever_they_are_now() -> None:
    coupon, keeper = make.coupon(), make.customer()
    assert coupon.customer is not None
    CustomerContact.objects.create(customer=keeper, email="now@example.com")
    merge(keeper, coupon.customer)
    make.coupon()

    lists = [listed(one.external_id) for one in (keeper, coupon.customer)]
    (row,) = exported(operator(), coupon)

    assert lists == [[(coupon.code, keeper.external_id)]] * 2
    assert (row["customer"], row["email"]) == (keeper.external_id, "now@example.com")


def listed(customer: str) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = (
        client().get(f"/api/v1/coupons/?customer={customer}").json()["results"]
    )
    return [(one["code"], one["customer"]) for one in found]


def _of(assignment: Assignment) -> Customer:
    assert assignment.customer is not None
    return assignment.customer


def test_campaigns_of_both_are_told_before_a_merge() -> None:
    both, one_only = make.campaign(name="Both"), make.campaign(name="One")
    one, other = make.customer(), make.customer()
    for campaign, customer in ((both, one), (both, other), (one_only, one)):
        make.assignment(campaign=campaign, customer=customer)

    assert campaigns_of_both(one, other) == [both]
