from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.services.draft import (
    NotSound,
    draft_campaign,
    plan_of,
    problems_with,
    redraft_campaign,
)
from campaigns.services.draft_once import draft_once
from campaigns.services.transition import ChangedSince, WrongState
from retention.access.models import AuditEntry
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
ANNE = Actor("anne")
TEN_PERCENT = OfferPlan(benefit="PERCENT", percent=10, maximum_discount=1000)
PLAN = CampaignPlan(
    name="Win them back",
    bands=("HIGH",),
    budget_amount=50_000,
    currency="GBP",
    offers=(TEN_PERCENT,),
)


def test_a_draft_holds_what_was_asked_and_can_be_read_back() -> None:
    campaign = draft_campaign(PLAN, by=ANNE, at=NOW)

    assert campaign.state == Campaign.State.DRAFT
    assert plan_of(campaign) == replace(
        PLAN, offers=(replace(TEN_PERCENT, name="10% off, at most £10.00"),)
    )


def test_a_currency_that_the_shop_sells_nothing_in_is_refused() -> None:
    make.event(kind="RATING", rating=4, amount=None, currency="EUR")
    said = {"currency": "The shop counts in GBP and sells nothing in EUR. Write GBP."}
    assert problems_with(replace(PLAN, currency="EUR"), at=NOW) == said

    make.product(currency="EUR")
    make.event(amount=1200, currency="USD")

    assert problems_with(replace(PLAN, currency="EUR"), at=NOW) == {}
    assert problems_with(replace(PLAN, currency="USD"), at=NOW) == {}


def test_a_draft_of_every_kind_can_be_read_back() -> None:
    mug = make.product(external_id="mug-1", category=make.category())
    some: dict[str, Any] = {
        "name": "Ours",
        "stacking": "COMBINABLE",
        "priority": 3,
        "may_sell_below_cost": True,
    }
    offers = (
        OfferPlan(benefit="GIFT", gift=mug.external_id, amount=300, maximum_discount=300, **some),
        OfferPlan(benefit="POINTS", points=50, amount=50, maximum_discount=50, **some),
        replace(TEN_PERCENT, name="Ours", scope="CATEGORY", category="Kitchen > Mugs"),
        replace(TEN_PERCENT, name="Theirs", scope="COMPLEMENT"),
    )

    campaign = draft_campaign(replace(PLAN, offers=offers), by=ANNE, at=NOW)

    assert plan_of(campaign).offers == offers


@pytest.mark.parametrize(
    ("field", "offer"),
    [
        ("gift", {"benefit": "GIFT", "amount": 300}),
        ("gift", {"benefit": "GIFT", "amount": 300, "gift": "nothing-we-have"}),
        ("points", {"benefit": "POINTS", "amount": 300}),
        ("category", {"benefit": "AMOUNT", "amount": 300, "scope": "CATEGORY"}),
        ("category", {"benefit": "AMOUNT", "amount": 300, "scope": "CATEGORY", "category": "No"}),
        ("scope", {"benefit": "AMOUNT", "amount": 300, "scope": "MOON"}),
    ],
)
def test_an_offer_that_lacks_what_it_is_about_is_refused_by_its_field(
    field: str, offer: dict[str, Any]
) -> None:
    with pytest.raises(NotSound) as refused:
        draft_campaign(replace(PLAN, offers=(OfferPlan(**offer),)), by=ANNE, at=NOW)

    assert list(refused.value.problems) == [f"offers.0.{field}"]


@pytest.mark.parametrize(("years", "is_refused"), [(2.9, False), (3.1, True), (7900, True)])
def test_a_trigger_admits_for_three_years_at_most(years: float, is_refused: bool) -> None:
    last = NOW + timedelta(days=365 * years)
    plan = replace(PLAN, trigger="RISK", trigger_value=0.6, admits_until=last)

    problems = problems_with(plan, at=NOW)

    assert ("admits_until" in problems) == is_refused


def test_two_drafts_never_draw_the_same_arms() -> None:
    first, second = (draft_campaign(PLAN, by=ANNE, at=NOW) for _ in range(2))

    assert first.salt != second.salt


@pytest.mark.parametrize(("minutes", "drafts"), [(9, 1), (11, 2)])
def test_what_was_drafted_just_now_is_not_drafted_again(minutes: int, drafts: int) -> None:
    anne = Actor.of(make.user())

    for at in (NOW, NOW + timedelta(minutes=minutes)):
        draft_once(PLAN, by=anne, at=at)

    assert Campaign.objects.count() == drafts


def test_what_went_on_since_it_was_drafted_is_drafted_anew() -> None:
    anne = Actor.of(make.user())
    first = draft_once(PLAN, by=anne, at=NOW)
    Campaign.objects.update(state="CANCELLED")

    assert draft_once(PLAN, by=anne, at=NOW) != first


def test_an_amount_off_costs_at_worst_that_amount() -> None:
    five = OfferPlan(benefit="AMOUNT", amount=500)

    campaign = draft_campaign(replace(PLAN, offers=(five,)), by=ANNE, at=NOW)

    assert campaign.offers.get().maximum_discount == 500


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": " "}),
        ("bands", {"bands": ()}),
        ("bands", {"bands": ("SOMEWHAT",)}),
        ("segment", {"segment": 999}),
        ("budget_amount", {"budget_amount": 999}),
        ("control_share", {"control_share": 0.0}),
        ("measure_days", {"measure_days": 0}),
        ("currency", {"currency": "pounds"}),
        ("maximum_customers", {"maximum_customers": 1}),
        ("offers", {"offers": ()}),
        ("offers.0.percent", {"offers": (replace(TEN_PERCENT, percent=101),)}),
        ("offers.0.maximum_discount", {"offers": (replace(TEN_PERCENT, maximum_discount=None),)}),
        ("offers.0.amount", {"offers": (OfferPlan(benefit="AMOUNT"),)}),
        ("offers.0.products", {"offers": (replace(TEN_PERCENT, products=("no-such",)),)}),
        ("offers.0.minimum_spend", {"offers": (replace(TEN_PERCENT, minimum_spend=-1),)}),
    ],
)
def test_what_is_not_sound_is_refused_by_its_field(field: str, change: dict[str, Any]) -> None:
    with pytest.raises(NotSound) as refused:
        draft_campaign(replace(PLAN, **change), by=ANNE, at=NOW)

    assert field in refused.value.problems


def test_changing_a_draft_replaces_it_whole_and_is_audited() -> None:
    campaign = draft_campaign(PLAN, by=ANNE, at=NOW)
    smaller = replace(PLAN, budget_amount=20_000)

    redraft_campaign(campaign.pk, smaller, by=ANNE, at=NOW, revision=1)

    entry = AuditEntry.objects.get(action="campaign.redraft")
    assert (entry.before["budget_amount"], entry.after["budget_amount"]) == (50_000, 20_000)
    assert Campaign.objects.get().revision == 2


def test_two_people_editing_at_once_do_not_overwrite_each_other() -> None:
    campaign = draft_campaign(PLAN, by=ANNE, at=NOW)
    redraft_campaign(campaign.pk, PLAN, by=ANNE, at=NOW, revision=1)

    with pytest.raises(ChangedSince, match="revision 2, you saw 1"):
        redraft_campaign(campaign.pk, PLAN, by=Actor("bob"), at=NOW, revision=1)


def test_what_was_sent_in_is_not_edited_under_the_approver() -> None:
    campaign = make.campaign(state="PENDING_APPROVAL")

    with pytest.raises(WrongState, match="Reopen it"):
        redraft_campaign(campaign.pk, PLAN, by=ANNE, at=NOW, revision=1)
