from datetime import timedelta

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from campaigns.actors import Actor
from campaigns.models import Holdout
from campaigns.selectors.audience import Audience, select_audience
from campaigns.selectors.preview import preview
from campaigns.services.cancel import cancel_campaign
from customers.models import Consent
from retention.insights.models import SegmentMembership
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

pytestmark = pytest.mark.django_db
NOBODY_HELD_OUT = override_settings(GLOBAL_HOLDOUT_SHARE=0.0)


def left_out(audience: Audience) -> dict[str, int]:
    return {out.reason: out.count for out in audience.exclusions if out.count}


@NOBODY_HELD_OUT
def test_a_campaign_reaches_the_customers_of_its_bands() -> None:
    high, _ = at_risk(3), make.churn_score(churn_band="LOW")

    audience = select_audience(make.campaign(bands=["HIGH"]), at=NOW)

    assert set(audience.chosen.customer.tolist()) == {customer.pk for customer in high}


@NOBODY_HELD_OUT
def test_a_segment_is_reached_whole_and_in_a_band_only_that_part_of_it() -> None:
    segment, scored = make.segment(), make.churn_score(churn_band="HIGH")
    unscored = make.customer()
    for customer in (scored.customer, unscored):
        SegmentMembership.objects.create(segment=segment, customer=customer, entered_at=NOW)

    whole = select_audience(make.campaign(bands=[], segment=segment), at=NOW)
    part = select_audience(make.campaign(bands=["HIGH"], segment=segment), at=NOW)

    assert whole.chosen.customer.tolist() == [scored.customer.pk, unscored.pk]
    assert part.chosen.customer.tolist() == [scored.customer.pk]


@NOBODY_HELD_OUT
def test_each_customer_left_out_is_counted_under_the_first_rule_that_left_them_out() -> None:
    silent, objector, busy, tired, fine = at_risk(5)
    Consent.objects.filter(customer=silent).delete()
    make.consent(customer=objector, purpose="ANALYTICS", granted=False)
    other = make.campaign(state="RUNNING", launched_at=NOW)
    for customer in (silent, busy):
        make.assignment(campaign=other, customer=customer, arm="CONTROL")
    ended = make.campaign(state="COMPLETED")
    make.coupon(campaign=ended, customer=tired, issued_at=NOW - timedelta(days=29))

    audience = select_audience(make.campaign(), at=NOW)

    assert left_out(audience) == {
        "no_marketing_consent": 1,
        "no_analytics_consent": 1,
        "in_another_campaign": 1,
        "contacted_lately": 1,
    }
    assert audience.chosen.customer.tolist() == [fine.pk]


@NOBODY_HELD_OUT
def test_the_groups_of_a_cancelled_campaign_stay_out_until_their_last_day() -> None:
    control, treated = at_risk(2)
    other = make.campaign(state="RUNNING", measure_days=60)
    make.assignment(campaign=other, customer=control, arm="CONTROL")
    make.assignment(campaign=other, customer=treated)
    cancel_campaign(other.pk, by=Actor("anne"), at=NOW + timedelta(days=1))

    def chosen(days: int) -> int:
        return len(select_audience(make.campaign(), at=NOW + timedelta(days=days)).chosen)

    assert (chosen(2), chosen(59), chosen(60)) == (0, 0, 2)


@NOBODY_HELD_OUT
def test_an_old_coupon_no_longer_counts_as_contact() -> None:
    (customer,) = at_risk(1)
    ended = make.campaign(state="COMPLETED")
    make.coupon(campaign=ended, customer=customer, issued_at=NOW - timedelta(days=30))

    assert len(select_audience(make.campaign(contact_gap_days=30), at=NOW).chosen) == 1


def test_the_holdout_is_drawn_once_for_all_campaigns() -> None:
    at_risk(300)
    campaigns = [make.campaign(budget_amount=10**7) for _ in range(2)]

    with override_settings(GLOBAL_HOLDOUT_SHARE=0.2):
        first, second = (
            set(select_audience(campaign, at=NOW).chosen.customer.tolist())
            for campaign in campaigns
        )

    assert first == second
    assert 200 < len(first) < 280


@NOBODY_HELD_OUT
def test_who_was_held_out_stays_so_when_the_share_falls_to_nothing() -> None:
    held, free = at_risk(2)
    Holdout.objects.create(customer=held, probability=0.05, entered_at=NOW)

    audience = select_audience(make.campaign(), at=NOW)

    assert audience.chosen.customer.tolist() == [free.pk]


@NOBODY_HELD_OUT
def test_customers_rank_by_what_a_coupon_earns_with_them_and_not_by_risk() -> None:
    lost_cause = make.churn_score(churn_probability=0.99, predicted_clv=10_000)
    worth_it = make.churn_score(churn_probability=0.75, predicted_clv=30_000)

    audience = select_audience(make.campaign(), at=NOW)

    assert audience.chosen.customer.tolist() == [worth_it.customer.pk, lost_cause.customer.pk]


@NOBODY_HELD_OUT
def test_both_arms_end_where_the_budget_ends() -> None:
    at_risk(200)

    audience = select_audience(make.campaign(budget_amount=40_000, control_share=0.5), at=NOW)

    assert audience.worst_cases.sum() == 40_000
    # Forty are treated; how many controls lie between them is the luck of the draw.
    assert 45 < len(audience.chosen) < 130
    assert left_out(audience) == {"beyond_budget": 200 - len(audience.chosen)}


@NOBODY_HELD_OUT
def test_the_largest_number_keeps_the_best() -> None:
    best = at_risk(10)[-3:]

    audience = select_audience(make.campaign(maximum_customers=3), at=NOW)

    assert set(audience.chosen.customer.tolist()) == {customer.pk for customer in best}


@NOBODY_HELD_OUT
def test_offers_share_the_treated_by_their_weights_with_the_probability_recorded() -> None:
    at_risk(600)
    campaign = make.campaign(budget_amount=10**7, control_share=0.25)
    make.make_offer(campaign=campaign, name="20 % off", percent=20, share=2)

    audience = select_audience(campaign, at=NOW)

    counts = [int((audience.offer == arm).sum()) for arm in (-1, 0, 1)]
    assert counts == pytest.approx([150, 150, 300], abs=40)
    assert set(audience.probability[audience.offer == 1].round(9)) == {0.5}
    assert set(audience.probability[audience.offer == -1].round(9)) == {0.25}


@NOBODY_HELD_OUT
def test_a_preview_adds_up_from_everybody_to_those_who_get_a_coupon() -> None:
    at_risk(100)

    seen = preview(make.campaign(budget_amount=30_000), at=NOW)

    assert seen.found - sum(out.count for out in seen.exclusions) == seen.chosen
    assert seen.treated + seen.control == seen.chosen
    assert seen.worst_case == seen.treated * 1000 <= 30_000
    assert [first.gain for first in seen.first] == sorted(
        (first.gain for first in seen.first), reverse=True
    )


@NOBODY_HELD_OUT
def test_the_expected_cost_counts_those_who_would_order_anyway() -> None:
    at_risk(50, churn_probability=0.2, predicted_clv=20_000, predicted_number_of_orders=4.0)

    seen = preview(make.campaign(send_at_a_loss=True), at=NOW)

    # 10% of an order of £50.00 by seven in ten of those who order; odds of 4 come to 5.32.
    assert seen.treated > 30
    assert seen.expected_cost == pytest.approx(seen.treated * 500 * 0.7 * 5.323 / 6.323, abs=1)


@NOBODY_HELD_OUT
def test_more_customers_detect_a_smaller_effect() -> None:
    at_risk(400)

    few = preview(make.campaign(maximum_customers=50), at=NOW)
    many = preview(make.campaign(), at=NOW)

    assert few.detectable is not None
    assert many.detectable is not None
    assert many.detectable < few.detectable


@NOBODY_HELD_OUT
def test_a_preview_asks_the_same_number_of_questions_for_few_and_for_many(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    at_risk(300)
    campaign = make.campaign()

    with django_assert_max_num_queries(17):
        preview(campaign, at=NOW)
