"""What if: other settings are tried without being written, and each figure has its range."""

from datetime import timedelta
from math import exp, sqrt
from typing import Any

import pytest

from campaigns.models import Campaign, Measurement
from campaigns.selectors.explanation import explanation_of
from campaigns.selectors.preview import preview
from campaigns.selectors.response import Response, belief_of
from campaigns.selectors.trying import Settings, changed, settings_of, what_if
from campaigns.services.draft import plan_of
from customers.models import Customer
from retention.insights.models import ModelVersion, SegmentMembership
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

from .test_admin import URL, operator, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_held_out(settings: Any) -> None:
    settings.GLOBAL_HOLDOUT_SHARE = 0.0


def test_with_the_settings_of_the_draft_it_foresees_what_the_formula_says() -> None:
    at_risk(200, churn_probability=0.5, predicted_clv=20_000, predicted_number_of_orders=4.0)
    campaign = make.campaign(budget_amount=10**7)

    found = what_if(campaign, settings_of(campaign), at=NOW)

    # 10% off an order of £50.00; even odds come to 1.33. An added order counts as one and a half,
    # of whose price 40% is margin; seven in ten orders use the coupon.
    odds = exp(0.35 * sqrt(0.10 / 0.15))
    n, off, ordering = found.treated, 0.7 * 500, odds / (1 + odds)
    assert found.kept.value == pytest.approx(n * (ordering - 0.5) * 1.5 * 0.4 * 5_000, abs=1)
    assert found.wasted.value == pytest.approx(n * 0.5 * off, abs=1)
    assert found.cost.value == pytest.approx(n * ordering * off, abs=1)
    assert found.net.value == pytest.approx(found.kept.value - found.cost.value, abs=2)
    for figure in (found.kept, found.cost, found.wasted, found.net):
        assert figure.low < figure.value < figure.high
    assert found.response.basis == "ASSUMED"
    assert found.kept.low <= 0
    assert (found.margin, found.margin_known) == (0.4, False)


def test_preview_and_what_if_name_the_same_cost_whatever_campaigns_taught() -> None:
    at_risk(100, churn_probability=0.5)
    segment, unscored = make.segment(), make.customer()
    for pk in (unscored.pk, *Customer.objects.values_list("pk", flat=True)[:100]):
        SegmentMembership.objects.get_or_create(
            segment=segment, customer_id=pk, defaults={"entered_at": NOW}
        )
    taught(kept=50, kept_without=30)
    campaign = make.campaign(bands=[], segment=segment, budget_amount=10**7)

    seen, found = preview(campaign, at=NOW), what_if(campaign, settings_of(campaign), at=NOW)

    assert seen.ranked_by == found.response.basis == "PAST"
    assert seen.expected_cost == found.cost.value > 0
    assert (seen.treated, seen.worst_case) == (found.treated, found.worst_case)


def test_a_preview_says_why_orders_without_a_coupon_are_not_what_the_risk_leaves() -> None:
    at_risk(100, churn_probability=0.5)
    taught(kept=50, kept_without=30)
    campaign = make.campaign(budget_amount=10**7)

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert (preview(campaign, at=NOW).first[0].chance_without or 1.0) < 0.45
    assert "<b>Orders without it</b> is not 100% less the risk" in page


def test_before_any_campaign_was_measured_they_are_what_the_risk_leaves() -> None:
    at_risk(100, churn_probability=0.5)
    campaign = make.campaign(budget_amount=10**7)

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert preview(campaign, at=NOW).first[0].chance_without == pytest.approx(0.5)
    assert "is not 100% less the risk" not in page


def test_moving_the_settings_moves_the_campaign_that_is_tried_and_not_the_draft() -> None:
    at_risk(100, churn_probability=0.5)
    at_risk_more = [make.churn_score(churn_probability=0.9) for _ in range(40)]
    campaign = make.campaign()
    moved = Settings(
        budget_amount=20_000, control_share=0.5, minimum_risk=0.8, depth=2.0, maximum_customers=30
    )

    found = what_if(campaign, moved, at=NOW)

    assert found.chosen <= 30 <= len(at_risk_more)
    assert found.worst_case == found.treated * 2_000 <= 20_000
    assert found.offers == ("20% off, at most £20.00",)
    assert [point.budget for point in found.curve][:4] == [5_000, 10_000, 15_000, 20_000]
    unchanged = Campaign.objects.get()
    assert (unchanged.budget_amount, unchanged.minimum_risk) == (100_000, None)
    assert unchanged.offers.get().percent == 10


def test_settings_that_are_used_become_the_draft() -> None:
    at_risk(50)
    campaign = make.campaign()
    form = {"risk_percent": "60", "depth_percent": "150", "budget_amount": "500.00"}
    form |= {"control_percent": "30", "maximum_customers": "", "revision": "1"}

    tried = text(operator().post(f"{URL}{campaign.pk}/what-if/", form))
    assert "15% off, at most £15.00" in tried
    assert "none of your campaigns was measured" in tried
    assert "only if it does a little better than that" in tried
    assert Campaign.objects.get().budget_amount == 100_000
    operator().post(f"{URL}{campaign.pk}/what-if/", form | {"use": "1"})

    used = plan_of(Campaign.objects.get())
    assert (used.budget_amount, used.control_share, used.minimum_risk) == (50_000, 0.3, 0.6)
    assert (used.offers[0].percent, used.offers[0].maximum_discount) == (15, 1_500)


def test_settings_are_typed_in_the_drafts_currency_and_as_finely_as_they_are_kept() -> None:
    campaign = make.campaign(currency="JPY", budget_amount=50_000, control_share=0.125)
    page = f"{URL}{campaign.pk}/what-if/"
    shown = operator().get(page).context["form"].initial | {"budget_amount": "50000"}
    form = {name: "" if value is None else value for name, value in shown.items()}

    operator().post(page, form | {"use": "1", "revision": "1"})

    used = plan_of(Campaign.objects.get())
    assert 'value="50000"' in operator().get(page).content.decode()
    assert (used.currency, used.budget_amount, used.control_share) == ("JPY", 50_000, 0.125)


def test_what_is_typed_is_used_though_it_was_never_tried() -> None:
    at_risk(50)
    page = f"{URL}{make.campaign().pk}/what-if/"
    shown = operator().get(page).content.decode()
    sheet = shown[shown.index('<form method="post" class="sheet"') :]

    inside = sheet[: sheet.index("</form>")]

    assert 'name="use"' in inside
    assert all(f'name="{name}"' in inside for name in ("budget_amount", "depth_percent"))
    assert page not in inside


def test_where_nobody_fits_it_says_why_and_draws_no_curve() -> None:
    at_risk(5)
    campaign = make.campaign(minimum_risk=0.9)

    found = what_if(campaign, settings_of(campaign), at=NOW)
    page = text(operator().get(f"{URL}{campaign.pk}/what-if/"))

    assert found.curve == ()
    assert "Nobody fits these settings" in page
    assert "What each budget would bring" not in page


def test_budgets_that_bring_the_same_are_told_once() -> None:
    at_risk(50)
    campaign = make.campaign(budget_amount=10**7)

    curve = what_if(campaign, settings_of(campaign), at=NOW).curve

    assert len({(point.treated, point.net) for point in curve}) == len(curve) > 1
    assert curve[-1].budget == 10**7


def test_a_plan_at_another_depth_renames_only_what_was_not_named_by_people() -> None:
    plan = plan_of(make.campaign())

    other = changed(plan, Settings(budget_amount=1, control_share=0.2, depth=0.5))

    assert (other.offers[0].percent, other.offers[0].name) == (5, "10 % off")


def taught(*, kept: int, kept_without: int, of: int = 100) -> None:
    """A campaign measured whole, with so many in each arm at even odds."""
    nothing: dict[str, Any] = dict.fromkeys(("treated_mean", "control_mean", "sample_ratio_p"), 0.5)
    nothing |= dict.fromkeys(("treated_count", "control_count"), of)
    nothing |= dict.fromkeys(("effect", "ci_low", "ci_high"), 0.0)
    answers = [[0.5, 1.0, of, kept, kept], [0.5, 0.0, of, kept_without, 0]]
    Measurement.objects.create(
        campaign=make.campaign(state="COMPLETED"),
        metric="KEPT",
        details={"complete": True, "answers": answers},
        measured_until=NOW,
        measured_at=NOW,
        **nothing,
    )


def believed() -> Response:
    return belief_of(uplift_known=False, uplift_strength=1.0).response()


def test_measured_campaigns_narrow_the_range_and_few_customers_hardly_move_it() -> None:
    assumed = believed()
    taught(kept=5, kept_without=5, of=10)
    vague = believed()
    for _ in range(4):
        taught(kept=1_000, kept_without=800, of=2_000)
    sharp = believed()

    assert assumed.value == pytest.approx(exp(0.35))
    assert vague.value == pytest.approx(assumed.value, abs=0.1)
    assert [one.basis for one in (assumed, vague, sharp)] == ["ASSUMED", "PAST", "PAST"]
    assert sharp.campaigns == 5
    # Half against 40%: the odds are one and a half times as large.
    assert sharp.value == pytest.approx(1.5, abs=0.06)
    assert sharp.high - sharp.low < (vague.high - vague.low) / 2


def test_a_coupon_is_explained_as_causal_once_a_campaign_was_measured_before_it() -> None:
    campaign = make.campaign(state="RUNNING")
    before, after = (
        make.assignment(campaign=campaign, assigned_at=NOW + timedelta(days=days))
        for days in (-1, 1)
    )
    taught(kept=50, kept_without=30)

    told = [
        explanation_of(make.coupon(campaign=campaign, customer=one.customer))
        for one in (before, after)
    ]

    assert [(one.is_causal, one.campaigns) for one in told if one] == [(False, 0), (True, 1)]


def test_what_a_customer_was_expected_to_be_stays_as_it_was_said_then() -> None:
    then = make.model_version(kind="UPLIFT", state="CHAMPION", promoted_at=NOW - timedelta(days=1))
    then.run.metrics = {"effect": {"value": 2.0}}
    then.run.save()
    made = make.assignment(campaign=make.campaign(), uplift=0.03, chance_without=0.3)
    coupon = make.coupon(campaign=made.campaign, customer=made.customer)
    before = explanation_of(coupon)

    ModelVersion.objects.update(state="ARCHIVED", archived_at=NOW + timedelta(days=1))
    now = {"promoted_at": NOW + timedelta(days=1), "state": "CHAMPION"}
    later = make.model_version(kind="UPLIFT", **now)
    later.run.metrics = {"effect": {"value": 5.0}}
    later.run.save()

    assert before
    assert before.response == "PERSUADABLE"
    assert explanation_of(coupon) == before
    then.delete()
    told = explanation_of(coupon)
    assert told
    assert told.response is None


def test_where_uplift_is_measured_the_range_is_its_own_and_the_four_kinds_are_shown() -> None:
    at_risk(60, uplift=0.05)
    point = {"value": 2.0, "low": 1.0, "high": 3.0}
    kinds = ("PERSUADABLE", "SURE_THING", "LOST_CAUSE", "SLEEPING_DOG")
    version = make.model_version(kind="UPLIFT", state="CHAMPION")
    version.run.metrics = {
        "effect": point,
        "campaigns": 2,
        "curves": {"uplift": [point, point], "risk": [point, point]},
        "responses": [
            {"response": kind, "customers": 50, "expected": 1.0, "effect": point} for kind in kinds
        ],
    }
    version.run.save()

    page = text(operator().get(f"{URL}{make.campaign().pk}/what-if/"))

    assert "as a whole between 0.5 and 1.5 times what is expected here" in page
    assert "Persuadables: stay because of a coupon" in page
    assert "+1.0 to +3.0" in page
