from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Assignment, Campaign, Measurement, Redemption
from campaigns.selectors.outcomes import outcomes_of
from campaigns.selectors.results import results_of
from campaigns.services.measure import NotLaunched, measure_campaign
from customers.models import Customer, Event
from retention.learning.measure.intervals import share_difference
from retention.learning.measure.looking import known_so_far, level_of_look
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)
LAST_DAY = NOW + timedelta(days=60)


def buys(customer: Customer, **fields: Any) -> Event:
    given: dict[str, Any] = {"occurred_at": NOW + timedelta(days=5)}
    return make.event(**(given | fields), customer=customer)


def arm(campaign: Campaign, arm_: str, *, count: int, buyers: int) -> list[Customer]:
    """So many customers in an arm, of whom so many order once."""
    assigned = [make.assignment(campaign=campaign, arm=arm_, rank=1) for _ in range(count)]
    customers = [one.customer for one in assigned if one.customer]
    for customer in customers[:buyers]:
        buys(customer)
    return customers


def measured(campaign: Campaign, metric: str) -> Measurement:
    return Measurement.objects.get(campaign=campaign, metric=metric, offer=None)


def test_customers_kept_are_compared_arm_against_control() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    arm(campaign, "TREATMENT", count=40, buyers=30)
    arm(campaign, "CONTROL", count=40, buyers=10)

    measure_campaign(campaign.pk, at=LATER)

    kept = measured(campaign, "KEPT")
    so_far = known_so_far(40 / 80, elapsed=10 / 60)
    expected = share_difference(30, 40, 10, 40, level_of_look(so_far))
    assert (kept.effect, kept.ci_low, kept.ci_high) == (
        expected.value,
        expected.low,
        expected.high,
    )


def test_everyone_counts_in_the_arm_they_were_drawn_into() -> None:
    campaign = make.campaign(state="RUNNING")
    for outcome in ("ISSUED", "BUDGET", "WITHDRAWN", "STOPPED"):
        make.assignment(campaign=campaign, outcome=outcome)
    arm(campaign, "CONTROL", count=2, buyers=0)

    measure_campaign(campaign.pk, at=LATER)

    assert measured(campaign, "KEPT").treated_count == 4


def test_orders_before_the_launch_and_after_the_last_day_do_not_count() -> None:
    campaign = make.campaign(state="RUNNING", measure_days=60)
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    buys(customer, occurred_at=NOW - timedelta(seconds=1))
    buys(customer, occurred_at=LAST_DAY)
    buys(customer, occurred_at=LAST_DAY - timedelta(seconds=1))

    assert outcomes_of(campaign, until=LAST_DAY).orders.tolist() == [1]


def test_lines_of_one_order_are_one_order() -> None:
    campaign = make.campaign(state="RUNNING")
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    buys(customer, order_id="o1")
    buys(customer, order_id="o1")

    outcomes = outcomes_of(campaign, until=LATER)

    assert outcomes.orders.tolist() == [1]
    assert outcomes.revenue.tolist() == [2400]


def test_revenue_is_net_of_returns_and_of_what_the_coupon_took_off() -> None:
    campaign = make.campaign(state="RUNNING")
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    buys(customer, order_id="o1", amount=5000)
    buys(customer, kind="RETURN", order_id="o1", amount=1500)
    coupon = make.coupon(campaign=campaign, customer=customer)
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=500)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [3000]


def test_a_discount_that_the_lines_name_already_is_not_taken_off_twice() -> None:
    campaign = make.campaign(state="RUNNING")
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    coupon = make.coupon(campaign=campaign, customer=customer)
    buys(customer, order_id="o1", amount=4500, discount=500, coupon_code=coupon.code)
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=500)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [4500]


def test_a_use_that_was_given_back_cost_nothing() -> None:
    campaign = make.campaign(state="RUNNING")
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    coupon = make.coupon(campaign=campaign, customer=customer)
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=500, released_at=LATER)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [0]


def test_a_gift_costs_what_it_costs_though_the_lines_name_another_coupon() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    (customer,) = arm(campaign, "CONTROL", count=1, buyers=0)
    gift = make.make_offer(campaign=campaign, benefit="GIFT", gift=make.product(), amount=700)
    coupon = make.coupon(campaign=campaign, offer=gift, customer=customer)
    buys(customer, order_id="o1", amount=4500, discount=500, coupon_code="ANOTHER")
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=0)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [3800]


def test_a_gift_that_the_lines_name_themselves_is_not_taken_off_twice() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    (customer,) = arm(campaign, "CONTROL", count=1, buyers=0)
    gift = make.make_offer(campaign=campaign, benefit="GIFT", gift=make.product(), amount=700)
    coupon = make.coupon(campaign=campaign, offer=gift, customer=customer)
    buys(customer, order_id="o1", amount=4500)
    buys(customer, order_id="o1", amount=0, discount=1200, coupon_code=coupon.code.lower())
    make_use(coupon_id=coupon.pk, order_id="o1", discount_amount=0)

    assert outcomes_of(campaign, until=LATER).revenue.tolist() == [4500]


def test_margin_is_revenue_less_what_the_goods_cost() -> None:
    campaign = make.campaign(state="RUNNING")
    (customer,) = arm(campaign, "TREATMENT", count=1, buyers=0)
    buys(customer, product=make.product(cost=700), quantity=2, amount=2000)

    outcomes = outcomes_of(campaign, until=LATER)

    assert outcomes.margin.tolist() == [600]
    assert outcomes.cost_known == 1


def test_margin_is_not_measured_where_most_costs_are_unknown() -> None:
    campaign = make.campaign(state="RUNNING")
    arm(campaign, "TREATMENT", count=3, buyers=2)
    arm(campaign, "CONTROL", count=3, buyers=1)

    measure_campaign(campaign.pk, at=LATER)

    assert not Measurement.objects.filter(metric="MARGIN").exists()
    assert "margin is not measured" in measured(campaign, "KEPT").details["notes"][0]


def test_a_forgotten_customer_is_in_no_arm_and_said() -> None:
    campaign = make.campaign(state="RUNNING")
    arm(campaign, "TREATMENT", count=3, buyers=1)
    Assignment.objects.filter(pk=Assignment.objects.earliest("pk").pk).update(customer=None)

    outcomes = outcomes_of(campaign, until=LATER)

    assert (len(outcomes), outcomes.erased) == (2, 1)


def test_a_split_that_was_never_drawn_is_noticed() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    arm(campaign, "TREATMENT", count=80, buyers=40)
    arm(campaign, "CONTROL", count=30, buyers=10)

    measure_campaign(campaign.pk, at=LAST_DAY)
    results = results_of(campaign, at=LAST_DAY)

    assert results.overall is not None
    assert results.overall.is_broken
    assert "not what was drawn" in results.sentence


def test_each_offer_is_compared_with_the_control_too() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    better = make.make_offer(campaign=campaign, name="20 % off", percent=20)
    arm(campaign, "TREATMENT", count=10, buyers=2)
    arm(campaign, "CONTROL", count=10, buyers=2)
    for _ in range(10):
        assigned = make.assignment(campaign=campaign)
        Assignment.objects.filter(pk=assigned.pk).update(offer=better)

    measure_campaign(campaign.pk, at=LATER)

    assert Measurement.objects.filter(offer=better, metric="KEPT").get().treated_count == 10
    assert measured(campaign, "KEPT").treated_count == 20


def test_groups_are_those_of_the_launch_and_small_ones_are_joined() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    for arm_, buyers in (("TREATMENT", 60), ("CONTROL", 10)):
        members = arm(campaign, arm_, count=135, buyers=buyers)
        for row, customer in enumerate(members):
            band = "High risk" if row < 60 else "Low risk" if row < 130 else "Medium risk"
            Assignment.objects.filter(customer=customer).update(groups={"BAND": band})
    measure_campaign(campaign.pk, at=LAST_DAY)

    results = results_of(campaign, at=LAST_DAY)

    (by_band,) = results.groupings
    # Five of medium risk alone would be told by the rest: the smaller group joins them.
    assert [(one.name, one.treated) for one in by_band.groups] == [
        ("All others", 65),
        ("Low risk", 70),
    ]
    others = by_band.groups[0].effects[0]
    assert others.effect == pytest.approx(50 / 65)
    alone = share_difference(60, 65, 10, 65, level_of_look(1.0))
    assert others.high - others.low > 1.05 * (alone.high - alone.low)
    assert "by “Risk of leaving” beyond chance" in results.groups_sentence


def test_a_metric_that_late_facts_leave_too_little_known_of_is_gone_when_measured_again() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    customers = arm(campaign, "TREATMENT", count=3, buyers=0)
    arm(campaign, "CONTROL", count=3, buyers=0)
    buys(customers[0], product=make.product(cost=500))
    measure_campaign(campaign.pk, at=LAST_DAY)
    before = results_of(campaign, at=LAST_DAY).money_metric

    buys(customers[1], product=make.product(cost=None), amount=90_000)
    measure_campaign(campaign.pk, at=LAST_DAY + timedelta(days=1))

    assert (before, results_of(campaign, at=LAST_DAY).money_metric) == ("MARGIN", "REVENUE")


def test_measuring_a_moment_again_replaces_its_rows() -> None:
    campaign = make.campaign(state="RUNNING")
    (late, *_) = arm(campaign, "TREATMENT", count=3, buyers=0)
    arm(campaign, "CONTROL", count=3, buyers=0)
    measure_campaign(campaign.pk, at=LAST_DAY)
    buys(late)

    measure_campaign(campaign.pk, at=LAST_DAY + timedelta(days=2))

    assert measured(campaign, "KEPT").treated_mean == pytest.approx(1 / 3)


def test_before_the_last_day_it_is_too_early_to_say() -> None:
    campaign = make.campaign(state="RUNNING")
    arm(campaign, "TREATMENT", count=40, buyers=40)
    arm(campaign, "CONTROL", count=40, buyers=0)
    measure_campaign(campaign.pk, at=LATER)

    results = results_of(campaign, at=LATER)

    assert results.stage == "TOO_EARLY"
    assert "day 10 of 60. The answer comes on 31 July 2026" in results.sentence


def test_what_is_beyond_chance_before_the_last_day_is_said_with_when_it_is_final() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    arm(campaign, "TREATMENT", count=200, buyers=190)
    arm(campaign, "CONTROL", count=200, buyers=10)
    late = NOW + timedelta(days=40)
    measure_campaign(campaign.pk, at=late)

    said = results_of(campaign, at=late).sentence

    assert said.startswith("Beyond chance already on day 40 of 60: it kept 90.0 points more")
    assert "How much it is in the end is known on 31 July 2026." in said


def test_what_was_known_before_the_launch_takes_noise_out_and_is_stated() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    for arm_, buyers in (("TREATMENT", 130), ("CONTROL", 100)):
        members = arm(campaign, arm_, count=200, buyers=buyers)
        for number, customer in enumerate(members):
            # Risks foretold who would come, and could not know of the offer.
            risk = 0.3 if number < 115 else 0.9
            Assignment.objects.filter(customer=customer).update(churn_probability=risk)
    measure_campaign(campaign.pk, at=LAST_DAY)

    kept = measured(campaign, "KEPT")
    plain = share_difference(130, 200, 100, 200, level_of_look(1.0))
    assert kept.effect == pytest.approx(plain.value)
    assert kept.ci_high - kept.ci_low < 0.6 * (plain.high - plain.low)
    assert kept.details["reduction"] > 0.6
    assert (
        "known when they were chosen are taken out" in results_of(campaign, at=LAST_DAY).notes[-1]
    )


def test_one_wholesale_order_does_not_decide_and_that_is_stated() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    treated = arm(campaign, "TREATMENT", count=150, buyers=100)
    arm(campaign, "CONTROL", count=150, buyers=100)
    buys(treated[0], amount=90_000_00)
    measure_campaign(campaign.pk, at=LAST_DAY)

    assert measured(campaign, "REVENUE").effect == 0
    notes = " ".join(results_of(campaign, at=LAST_DAY).notes)
    assert "The largest customer counts with £" in notes


def test_a_clear_effect_is_said_in_people_and_in_money() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    arm(campaign, "TREATMENT", count=100, buyers=70)
    arm(campaign, "CONTROL", count=100, buyers=30)
    measure_campaign(campaign.pk, at=LAST_DAY)

    results = results_of(campaign, at=LAST_DAY)

    assert results.sentence.startswith("It kept 40.0 points more customers (95% interval 24.")
    assert "about 40 people. It earned £480.00 of revenue net of discounts" in results.sentence
    assert results.net_total == 48_000
    assert (results.answer, results.headline) == ("EARNED", "It earned £480.00")


def test_no_effect_is_never_dressed_up_as_one() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    arm(campaign, "TREATMENT", count=40, buyers=21)
    arm(campaign, "CONTROL", count=40, buyers=19)
    measure_campaign(campaign.pk, at=LAST_DAY)

    results = results_of(campaign, at=LAST_DAY)

    assert "No difference in customers kept can be told" in results.sentence
    assert "Whether it paid cannot be told" in results.sentence
    assert results.answer == "UNCLEAR"
    assert "80 customers were too few. About 3,793 would show" in results.next_step


def test_too_few_customers_to_tell_is_said() -> None:
    campaign = make.campaign(state="COMPLETED", control_share=0.5)
    arm(campaign, "TREATMENT", count=10, buyers=10)
    arm(campaign, "CONTROL", count=10, buyers=0)
    measure_campaign(campaign.pk, at=LAST_DAY)

    assert "each group needs at least 30" in results_of(campaign, at=LAST_DAY).sentence


def test_what_was_not_launched_cannot_be_measured() -> None:
    campaign = make.campaign()

    with pytest.raises(NotLaunched):
        measure_campaign(campaign.pk, at=NOW)
    assert results_of(campaign, at=NOW).stage == "NOT_LAUNCHED"


def make_use(**fields: Any) -> Redemption:
    given: dict[str, Any] = {"order_amount": 5000, "currency": "GBP"}
    given |= {"redeemed_at": NOW + timedelta(days=5)}
    return Redemption.objects.create(**(given | fields))
