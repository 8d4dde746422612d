"""Each customer the offer that is worth most, or none: whom it reaches and how it is measured."""

from datetime import timedelta
from math import exp, sqrt
from typing import Any

import pytest

from campaigns.actors import Actor
from campaigns.admin.cautions import cautions
from campaigns.models import Assignment, Campaign, Coupon
from campaigns.selectors.audience import select_audience
from campaigns.selectors.preview import preview
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import launch_campaign
from campaigns.services.measure import measure_campaign
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

from .test_admin import URL, operator, text
from .test_launch import quietly

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_held_out(settings: Any) -> None:
    settings.GLOBAL_HOLDOUT_SHARE = 0.0


def two_offers(**fields: Any) -> Campaign:
    """10 % off and 40 % off, each at most £10.00 and £20.00."""
    given: dict[str, Any] = {
        "assigning": "WORTH",
        "budget_amount": 10**7,
        "control_share": 0.3,
    } | fields
    campaign = make.campaign(**given)
    make.make_offer(campaign=campaign, name="40 % off", percent=40, maximum_discount=2000)
    return campaign


def expected(risk: float, value: float, orders: float, percent: int) -> float:
    """Minor units that the offer is expected to earn, as the documentation says it."""
    order = value / orders
    off = min(order * percent / 100, 1000 if percent == 10 else 2000)
    odds = (1 - risk) / risk * exp(0.35 * sqrt(off / order / 0.15))
    ordering = odds / (1 + odds)
    return (ordering - (1 - risk)) * 1.5 * 0.4 * order - 0.7 * ordering * off


def test_each_customer_gets_the_offer_that_is_worth_most_and_who_earns_nothing_gets_none() -> None:
    sure = at_risk(1, churn_probability=0.2, predicted_clv=20_000)
    rest = [
        make.churn_score(**score).customer
        for score in (
            {"churn_probability": 0.8, "predicted_clv": 60_000, "predicted_number_of_orders": 30},
            {"churn_probability": 0.95, "predicted_clv": 90_000, "predicted_number_of_orders": 3},
        )
    ]

    audience = select_audience(two_offers(), at=NOW)

    assert expected(0.2, 20_000, 2, 10) < 0
    assert expected(0.2, 20_000, 2, 40) < 0
    worth = [
        [expected(0.8, 60_000, 30, percent) for percent in (10, 40)],
        [expected(0.95, 90_000, 3, percent) for percent in (10, 40)],
    ]
    found = dict(zip(audience.chosen.customer.tolist(), audience.intended.tolist(), strict=True))
    assert sure[0].pk not in found
    assert found == {c.pk: w.index(max(w)) for c, w in zip(rest, worth, strict=True) if max(w) > 0}
    assert set(found.values()) == {0, 1}
    assert audience.gain.tolist() == pytest.approx(sorted(map(max, worth), reverse=True))
    assert {out.reason: out.count for out in audience.exclusions if out.count} == {
        "earns_nothing": 1
    }


def test_nobody_is_treated_at_an_expected_loss_unless_the_operator_says_so() -> None:
    sure, undecided = (
        make.churn_score(churn_probability=risk, predicted_clv=15_000).customer
        for risk in (0.1, 0.7)
    )

    careful = select_audience(make.campaign(), at=NOW)
    all_of_them = select_audience(make.campaign(send_at_a_loss=True), at=NOW)

    assert careful.chosen.customer.tolist() == [undecided.pk]
    assert all_of_them.chosen.customer.tolist() == [undecided.pk, sure.pk]
    assert all_of_them.gain[1] < 0 < all_of_them.gain[0]


def test_by_lot_the_loss_is_that_of_the_lot() -> None:
    at_risk(1, churn_probability=0.7)
    campaign = make.campaign()
    make.make_offer(campaign=campaign, name="90 % off", percent=90, maximum_discount=9000)

    assert not len(select_audience(campaign, at=NOW).chosen)
    campaign.offers.filter(percent=10).update(share=50)
    assert len(select_audience(campaign, at=NOW).chosen) == 1


@pytest.mark.parametrize(("risk", "chosen"), [(0.3, 0), (0.4, 1)])
def test_whether_to_send_an_offer_has_the_benefit_of_the_doubt(risk: float, chosen: int) -> None:
    at_risk(1, churn_probability=risk)

    found = select_audience(make.campaign(), at=NOW)

    assert len(found.chosen) == chosen
    assert (found.gain < 0).all()


def test_a_launch_by_worth_keeps_the_budget_and_remembers_what_its_control_would_have_got() -> None:
    at_risk(300, predicted_clv=60_000, predicted_number_of_orders=30.0)
    campaign = two_offers(state="APPROVED", budget_amount=50_000)
    seen = preview(campaign, at=NOW)

    launch_campaign(campaign.pk, by=Actor("anne"), at=NOW, progress=quietly)
    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    campaign.refresh_from_db()
    assert campaign.committed_amount == seen.worst_case <= 50_000
    control = Assignment.objects.filter(arm="CONTROL")
    assert control.count() == seen.control > 5
    assert not control.filter(intended_offer=None).exists()
    assert not Assignment.objects.filter(arm="TREATMENT").exclude(intended_offer=None).exists()
    assert {arm.compared for arm in seen.arms[:-1]} == {
        control.filter(intended_offer=offer).count() for offer in campaign.offers.all()
    }
    assert not Coupon.objects.filter(customer__in=control.values("customer")).exists()
    assert seen.gap is not None
    assert 0 <= seen.gap < 0.05


def test_each_offer_is_measured_against_those_who_would_have_got_it() -> None:
    campaign = two_offers(state="RUNNING", control_share=0.5)
    small, large = campaign.offers.order_by("pk")
    for offer, buyers in ((small, 4), (large, 9)):
        for n in range(10):
            make.assignment(campaign=campaign, offer=offer)
            control = make.assignment(campaign=campaign, arm="CONTROL", intended_offer=offer)
            if n < buyers:
                make.event(customer=control.customer, occurred_at=NOW + timedelta(days=1))

    found = measure_campaign(campaign.pk, at=NOW + timedelta(days=60))

    kept = {row.offer: row.control_mean for row in found if row.metric == "KEPT"}
    assert kept == {None: 0.65, small: 0.4, large: 0.9}


def test_an_arm_too_small_to_be_measured_says_so() -> None:
    at_risk(100)
    campaign = two_offers(assigning="SHARE", control_share=0.4, send_at_a_loss=True)
    campaign.offers.filter(name="40 % off").update(share=20)

    said = cautions(campaign, preview(campaign, at=NOW))

    assert any(one.startswith("Too few to be measured") and "10 % off" in one for one in said)
    assert not any("40 % off (" in one for one in said)


def test_the_page_says_who_gets_what_and_what_the_choice_may_lack() -> None:
    at_risk(60, predicted_clv=60_000, predicted_number_of_orders=30.0)

    page = text(operator().get(f"{URL}{two_offers().pk}/change/"))

    assert "each customer the one that is worth most, or none" in page
    assert "short of the best there is under the budget by at most" in page


def test_a_smallest_risk_leaves_out_who_is_less_likely_to_leave() -> None:
    (risky,) = at_risk(1, churn_probability=0.9)
    make.churn_score(churn_probability=0.6)

    assert select_audience(
        make.campaign(minimum_risk=0.8), at=NOW
    ).candidates.customer.tolist() == [risky.pk]
