"""The form keeps what was typed and says all that is missing."""

from typing import Any

import pytest

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.services.draft import draft_campaign, plan_of
from retention.access.models import AuditEntry
from tests import make
from tests.make import NOW

from .test_admin import FORM, URL, operator, text

pytestmark = pytest.mark.django_db


def test_another_offer_to_compare_with_keeps_what_was_typed() -> None:
    page = text(operator().post(f"{URL}add/", FORM | {"more": "1", "budget_amount": "12,50"}))

    assert 'value="Win them back"' in page
    assert 'value="12,50"' in page
    assert 'value="9.99"' in page
    assert 'name="offers-1-percent"' in page
    assert "errornote" not in page
    assert not Campaign.objects.exists()


def test_sending_at_a_loss_is_kept_and_is_refused_where_offers_go_by_worth() -> None:
    operator().post(f"{URL}add/", FORM | {"send_at_a_loss": "on"})
    by_worth = FORM | {"send_at_a_loss": "on", "assigning": "WORTH", "name": "By worth"}
    page = text(operator().post(f"{URL}add/", by_worth))

    assert Campaign.objects.get().send_at_a_loss
    assert "By worth nobody gets an offer at a loss" in page


def test_an_offer_that_was_added_and_left_empty_is_none() -> None:
    added = {"offers-1-benefit": "PERCENT", "offers-1-valid_days": "30", "offers-1-share": "1"}
    added |= {"offers-1-scope": "CHOSEN", "offers-1-stacking": "EXCLUSIVE"}
    added |= {"offers-1-priority": "10"}

    operator().post(f"{URL}add/", FORM | added | {"offers-TOTAL_FORMS": "2"})

    assert Campaign.objects.get().offers.count() == 1


def test_a_draft_that_is_changed_can_get_another_offer_too() -> None:
    campaign = make.campaign()
    form = FORM | {"more": "1", "revision": "1", "name": "Renamed"}

    page = text(operator().post(f"{URL}{campaign.pk}/edit/", form))

    assert 'value="Renamed"' in page
    assert 'name="offers-1-percent"' in page
    assert Campaign.objects.get().name == "Win them back"


@pytest.mark.parametrize("count", ["", "x", "-1", "999"])
def test_a_nonsense_number_of_offers_breaks_nothing(count: str) -> None:
    form: dict[str, Any] = FORM | {"more": "1", "offers-TOTAL_FORMS": count}

    assert operator().post(f"{URL}add/", form).status_code == 200


def test_an_empty_form_is_told_all_that_is_missing_at_once() -> None:
    empty = {"name": "", "bands": [], "budget_amount": "", "offers-0-percent": ""}

    page = text(operator().post(f"{URL}add/", FORM | empty | {"offers-0-maximum_discount": ""}))

    assert page.count("This field is required.") == 2
    assert "Choose whom it is for" in page
    assert "between 1 and 100 percent" in page
    assert "Say how much one coupon may cost at most." in page


def test_a_field_that_cannot_be_read_is_complained_of_once() -> None:
    page = text(operator().post(f"{URL}add/", FORM | {"offers-0-percent": "ten", "bands": []}))

    assert page.count("errorlist") == 2
    assert "Enter a whole number." in page
    assert "Choose whom it is for" in page


def test_what_is_wrong_with_an_offer_stands_beside_it_though_another_was_taken_out() -> None:
    second = {"offers-1-benefit": "PERCENT", "offers-1-percent": "10", "offers-1-share": "1"}
    second |= {"offers-1-valid_days": "30", "offers-1-maximum_discount": ""}
    counts = {"offers-TOTAL_FORMS": "2", "offers-INITIAL_FORMS": "2", "offers-0-DELETE": "on"}

    page = text(operator().post(f"{URL}add/", FORM | second | counts))

    assert "Say how much one coupon may cost" in page.partition('id="offer-2"')[2]


def test_a_draft_that_is_opened_and_saved_stays_what_it_is() -> None:
    make.product(currency="JPY")
    offer = OfferPlan(benefit="AMOUNT", amount=1000, minimum_spend=3000)
    plan = CampaignPlan(
        name="By API",
        budget_amount=50_000,
        currency="JPY",
        bands=("HIGH",),
        offers=(offer,),
        control_share=0.125,
        minimum_risk=0.335,
    )
    drafted = draft_campaign(plan, by=Actor("anne"), at=NOW)
    before, signed_in = plan_of(drafted), operator()

    page = signed_in.get(f"{URL}{drafted.pk}/edit/")
    answer = signed_in.post(f"{URL}{drafted.pk}/edit/", sent_back(page.context))

    assert "Amounts are in JPY." in text(page)
    assert answer.status_code == 302
    assert plan_of(Campaign.objects.get()) == before
    assert AuditEntry.objects.filter(action="campaign.redraft").exists()


def sent_back(context: Any) -> dict[str, Any]:
    """What a browser sends of a form that nobody touched."""
    forms = [context["form"], context["offers"].management_form, *context["offers"].forms]
    shown = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in shown.items() if value not in (None, False)}


@pytest.mark.parametrize("day", ["9999-12-31", "2099-01-01"])
def test_a_last_day_that_is_too_far_is_complained_of_beside_it(day: str) -> None:
    form = FORM | {"trigger": "RISK", "rises_percent": "60", "admits_until": day}

    page = text(operator().post(f"{URL}add/", form))

    assert page.count("Within three years from now.") == 1
    assert not Campaign.objects.exists()


def test_a_form_that_is_sent_again_makes_no_second_draft() -> None:
    signed_in = operator()

    first, again = (signed_in.post(f"{URL}add/", FORM) for _ in range(2))

    assert again["Location"] == first["Location"]
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("change", [{"budget_amount": "600"}, {"offers-0-percent": "11"}])
def test_a_form_that_was_changed_makes_another_draft(change: dict[str, str]) -> None:
    signed_in = operator()

    for form in (FORM, FORM | change):
        signed_in.post(f"{URL}add/", form)

    assert Campaign.objects.count() == 2


def test_two_people_who_want_the_same_have_a_draft_each() -> None:
    for person in (operator(), operator()):
        person.post(f"{URL}add/", FORM)

    assert Campaign.objects.count() == 2


def test_the_offer_of_a_pair_is_drafted_for_the_product_that_follows() -> None:
    honey = make.product(external_id="honey-1")
    rule = make.association_rule(consequent=honey)
    form = FORM | {"offers-0-products": "honey-1"}

    answer = operator().post(f"{URL}add/?rule={rule.pk}", form)

    assert answer.status_code == 302
    assert list(Campaign.objects.get().offers.get().products.all()) == [honey]
