"""What a measured campaign keeps to learn from: counts by risk and arm."""

from datetime import timedelta

import pytest

from campaigns.models import Assignment, Campaign, Measurement
from campaigns.services.measure import measure_campaign
from tests import make

from .test_measure import LAST_DAY, LATER, arm, buys, make_use, measured

pytestmark = pytest.mark.django_db


def test_on_the_last_day_it_keeps_how_many_ordered_by_risk_and_arm_and_nothing_of_anyone() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5, measure_days=60)
    for arm_, kept in (("TREATMENT", 2), ("CONTROL", 1)):
        for n in range(3):
            given = make.assignment(campaign=campaign, arm=arm_, churn_probability=0.705 + n / 1000)
            if n < kept and given.customer:
                buys(given.customer, amount=6_000)
    Assignment.objects.filter(arm="TREATMENT").update(outcome="ISSUED")
    first = Assignment.objects.filter(arm="TREATMENT").earliest("pk")
    spent = make.coupon(campaign=campaign, customer=first.customer)
    make_use(coupon=spent, order_id="o-1", discount_amount=600)

    measure_campaign(campaign.pk, at=LATER)
    assert measured(campaign, "KEPT").details["answers"] == []
    measure_campaign(campaign.pk, at=LAST_DAY)

    whole = Measurement.objects.get(metric="KEPT", details__complete=True)
    # 10% of orders of £60.00: two thirds of the discount for which the strength is 1.
    strength = round((0.10 / 0.15) ** 0.5, 4)
    assert whole.details["answers"] == [[0.71, 0.0, 3, 1, 0], [0.71, strength, 3, 2, 1]]


def test_offers_that_shifted_from_wave_to_wave_count_as_though_they_had_not() -> None:
    later = make.NOW + timedelta(days=5)
    campaign = make.campaign(
        state="RUNNING",
        control_share=0.2,
        trigger="WAVES",
        trigger_value=5,
        admits_until=later,
        assigning="SHIFT",
    )
    offers = campaign.offers.get(), make.make_offer(campaign=campaign, percent=40)
    # Nobody orders in the first wave and all do in the second, in which most get the second offer.
    for moment, counts in ((make.NOW, (6, 6, 4)), (later, (2, 10, 4))):
        drawn_by = [{"offer": one.pk, "share": 0.5} for one in offers]
        campaign.waves.create(number=(moment == later), arms=drawn_by, opened_at=moment)
        for offer, many in zip((*offers, None), counts, strict=True):
            arm_ = {"arm": "TREATMENT", "offer": offer} if offer else {"arm": "CONTROL"}
            for _ in range(many):
                drawn = make.assignment(
                    campaign=campaign, churn_probability=0.7, assigned_at=moment, **arm_
                )
                if moment == later and drawn.customer:
                    buys(drawn.customer, occurred_at=moment + timedelta(days=1))
    Assignment.objects.filter(arm="TREATMENT").update(outcome="ISSUED")

    measure_campaign(campaign.pk, at=LAST_DAY + timedelta(days=60))

    answers = measured(campaign, "KEPT").details["answers"]
    assert [kept / customers for _, _, customers, kept, _ in answers] == [0.5, 0.5, 0.5]
    # Fewer than the 8 and 16 that there were: so many would make their means as exact.
    assert [customers for _, _, customers, _, _ in answers] == [8, 6, 15]


def test_a_campaign_that_gave_few_of_its_coupons_teaches_nothing_of_offers() -> None:
    campaign = make.campaign(state="RUNNING", control_share=0.5)
    for arm_ in ("TREATMENT", "CONTROL"):
        for _ in range(3):
            make.assignment(campaign=campaign, arm=arm_, churn_probability=0.7)

    measure_campaign(campaign.pk, at=LAST_DAY)

    assert measured(campaign, "KEPT").details["answers"] == []


def test_what_was_measured_before_answers_were_kept_is_measured_once_more() -> None:
    old = make.campaign(state="COMPLETED", control_share=0.5, measure_days=60)
    arm(old, "TREATMENT", count=3, buyers=1)
    arm(old, "CONTROL", count=3, buyers=1)
    measure_campaign(old.pk, at=LAST_DAY)
    kept = measured(old, "KEPT")
    kept.details.pop("answers")
    kept.save()

    at = LAST_DAY + timedelta(days=200)
    assert Campaign.objects.all().to_measure(at) == [old]
    measure_campaign(old.pk, at=at)
    assert Campaign.objects.all().to_measure(at) == []
