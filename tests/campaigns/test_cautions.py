"""A preview says where a campaign can prove nothing, or gives away what was sold already."""

import pytest
from django.test import override_settings

from campaigns.admin.cautions import cautions
from campaigns.admin.funnel import funnel, funnel_at_launch
from campaigns.selectors.preview import preview
from customers.models import Customer
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

from .test_admin import URL, launched, operator, text

pytestmark = pytest.mark.django_db


def test_a_small_campaign_is_told_what_it_would_take_to_prove_something() -> None:
    at_risk(60)
    campaign = make.campaign(maximum_customers=50)

    (said,) = cautions(campaign, preview(campaign, at=NOW))

    assert "will hardly be able to prove anything" in said
    # (2.24 + 0.84) ** 2 * 0.8 * 0.2 / 0.05 ** 2 * (1 / 0.2 + 1 / 0.8)
    assert "about 3,803 customers instead of 50 would show 5.0 points" in said
    assert "a control of 50% with these would show 34.9 points" in said
    assert "the largest number you set leaves out" in said


@override_settings(GLOBAL_HOLDOUT_SHARE=0.0)
def test_a_campaign_that_can_prove_its_effect_is_not_warned() -> None:
    at_risk(1200)
    campaign = make.campaign(control_share=0.4, budget_amount=10_000_000)

    seen = preview(campaign, at=NOW)

    assert seen.detectable is not None
    assert seen.detectable < 0.1
    assert cautions(campaign, seen) == []


def test_low_risk_is_told_that_most_buy_anyway() -> None:
    at_risk(60, churn_band="LOW", churn_probability=0.1)
    campaign = make.campaign(bands=["LOW"], send_at_a_loss=True)

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert "90% are expected to order without a coupon" in page


def test_nobody_to_treat_is_nothing_to_warn_of() -> None:
    campaign = make.campaign(bands=["LOW"])

    assert cautions(campaign, preview(campaign, at=NOW)) == []


def test_the_running_page_keeps_who_was_left_out_at_the_launch() -> None:
    campaign = launched()

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert "Who took part" in page
    assert "Held out of all campaigns" in page


def test_the_funnel_of_a_launch_is_the_one_of_its_preview() -> None:
    campaign = launched()
    draft = make.campaign(control_share=0.3, salt="fixed")
    seen = preview(draft, at=NOW)
    kept = {step.label: step.count for step in funnel_at_launch(campaign)}

    assert list(kept) == [step.label for step in funnel(seen)]
    assert kept["In the chosen group"] == seen.found


def test_a_campaign_whose_launch_is_on_no_record_shows_no_funnel() -> None:
    assert funnel_at_launch(make.campaign(state="RUNNING")) == []


@override_settings(GLOBAL_HOLDOUT_SHARE=0.0)
def test_a_group_that_is_chosen_less_often_is_told_before_the_launch() -> None:
    people = at_risk(300)
    for row, customer in enumerate(people):
        # Worth less, and so the last to be chosen.
        customer.locale = "cy-GB" if row < 80 else "en-GB" if row < 295 else "fr-FR"
    Customer.objects.bulk_update(people, ["locale"])
    campaign = make.campaign(maximum_customers=250, budget_amount=10_000_000)

    seen = preview(campaign, at=NOW)

    rates = {one.name: (one.customers, one.chosen, one.unfair) for one in seen.fairness}
    assert rates == {"cy-GB": (80, 30, True), "en-GB": (215, 215, False)}
    said = [words for words in cautions(campaign, seen) if "Language cy-GB" in words]
    assert "30 of 80" in said[0]
    assert "Chosen as often?" in text(operator().get(f"{URL}{campaign.pk}/change/"))
