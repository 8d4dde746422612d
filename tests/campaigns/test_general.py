"""A code for all: who may use it, how often, and what may be said of it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns.actors import Actor
from campaigns.models import Campaign, Coupon, Redemption
from campaigns.orders import Order
from campaigns.plans import CampaignPlan, OfferPlan
from campaigns.refusing import NotRedeemable
from campaigns.selectors.validity import examine
from campaigns.services.cancel import cancel_campaign
from campaigns.services.draft import NotSound, draft_campaign, plan_of, redraft_campaign
from campaigns.services.finish import finish_campaign
from campaigns.services.launch import launch_campaign
from campaigns.services.lock import lock_coupon
from campaigns.services.redeem import redeem_coupon
from campaigns.services.refund import Back, refund_order
from campaigns.services.release import release_redemption
from campaigns.services.submit import submit_campaign
from campaigns.services.transition import WrongState
from customers.models import Customer
from customers.services.forget import forget_customer
from retention.insights.models import ChurnScore
from retention.insights.services.merge import merge_customers
from tests import make
from tests.campaigns.test_admin import URL, operator, text
from tests.customers.sending import client
from tests.make import NOW

pytestmark = pytest.mark.django_db
ANNE = Actor("anne")


def plan(**fields: Any) -> CampaignPlan:
    given: dict[str, Any] = {"name": "Flyer", "code_uses": 3, "general_code": "Lido 10"}
    given |= {"budget_amount": 3_000, "currency": "GBP"}
    offer = OfferPlan(benefit="AMOUNT", amount=1000)
    return CampaignPlan(**({"offers": (offer,)} | given | fields))


def launched(**fields: Any) -> Campaign:
    drafted = draft_campaign(plan(**fields), by=ANNE, at=NOW)
    submit_campaign(drafted.pk, by=ANNE, at=NOW)
    return launch_campaign(drafted.pk, by=ANNE, at=NOW, progress=lambda *_: None)


def order(number: int, customer: str = "c-1", **fields: Any) -> Order:
    given: dict[str, Any] = {"amount": 5000, "currency": "GBP"}
    return Order(order_id=f"o{number}", customer=customer, **(given | fields))


def refused(code: str, asked: Order) -> list[str]:
    with pytest.raises(NotRedeemable) as error:
        redeem_coupon(code, order=asked, at=NOW)
    return [refusal.reason for refusal in error.value.refusals]


def test_a_launch_puts_out_one_code_with_all_its_uses_promised_and_chooses_nobody() -> None:
    campaign = launched()

    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.customer, coupon.maximum_redemptions) == ("LIDO 10", None, 3)
    assert (campaign.state, campaign.committed_amount) == ("RUNNING", 3_000)
    assert campaign.measures_until == coupon.expires_at
    assert not campaign.assignments.exists()


def test_a_code_nobody_typed_is_drawn() -> None:
    launched(general_code="")

    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", Coupon.objects.get().code)


@pytest.mark.parametrize(
    "typed", ["LIDO10", "lid0 10", "L1DO-IO", "1ido1o", "\uff2c\uff29\uff24\uff2f10"]
)
def test_signs_that_look_alike_are_one(typed: str) -> None:
    launched()

    assert redeem_coupon(typed, order=order(1), at=NOW).redemption.discount_amount == 1000


def test_anyone_may_use_it_once_also_a_stranger_who_is_a_customer_from_then_on() -> None:
    launched()

    redeem_coupon("LIDO10", order=order(1, "stranger"), at=NOW)

    use = Redemption.objects.get()
    assert use.customer == Customer.objects.get(external_id="stranger")
    assert refused("LIDO10", order(2, "stranger")) == ["used_by_customer"]
    assert redeem_coupon("LIDO10", order=order(1, "stranger"), at=NOW).replayed
    assert Coupon.objects.get().redeemed_count == 1


def test_an_order_that_used_it_answers_its_own_customer_alone() -> None:
    """Also by another id of theirs, and after they were merged into somebody."""
    launched()
    one, other = make.customer(external_id="c-1"), make.customer(external_id="c-2")
    first = redeem_coupon("LIDO10", order=order(1, "c-1"), at=NOW).redemption

    assert refused("LIDO10", order(1, "c-2")) == ["order_differs"]
    assert refused("LIDO10", order(1, "stranger")) == ["order_differs"]
    merge_customers(other, one, by="anne", reason="one person", at=NOW)

    for name in ("c-1", "c-2"):
        again = redeem_coupon("LIDO10", order=order(1, name), at=NOW)
        assert (again.redemption, again.replayed) == (first, True)


@pytest.mark.parametrize("customer", ["c-1042", "nobody we know"])
def test_it_is_read_by_its_code_whoever_holds_it(customer: str) -> None:
    make.customer(external_id="c-1042")
    launched()

    found = client().get("/api/v1/coupons/LIDO10/", {"customer": customer})

    assert found.status_code == 200
    assert found.json()["uses_per_customer"] == 1


def test_it_is_used_up_for_all_at_its_limit() -> None:
    launched(code_uses=2, budget_amount=2_000)
    for number in range(2):
        redeem_coupon("LIDO10", order=order(number, f"c-{number}"), at=NOW)

    assert refused("LIDO10", order(3, "c-3")) == ["used_up"]


def test_ids_of_one_person_share_their_uses() -> None:
    launched()
    one, other = make.customer(external_id="c-1"), make.customer(external_id="c-2")
    redeem_coupon("LIDO10", order=order(1, "c-2"), at=NOW)
    merge_customers(one, other, by="anne", reason="one person", at=NOW)

    assert refused("LIDO10", order(2, "c-1")) == ["used_by_customer"]
    assert refused("LIDO10", order(3, "c-2")) == ["used_by_customer"]


def test_a_use_that_is_given_back_is_theirs_again() -> None:
    launched(uses_per_customer=2)
    for number in (1, 2):
        redeem_coupon("LIDO10", order=order(number), at=NOW)
    assert refused("LIDO10", order(3)) == ["used_by_customer"]

    release_redemption("LIDO10", order_id="o1", at=NOW)
    again = redeem_coupon("LIDO10", order=order(3), at=NOW).redemption
    assert refused("LIDO10", order(4)) == ["used_by_customer"]
    refund_order("LIDO10", order_id="o3", back=Back(refund_id="r", amount=5000), at=NOW)

    assert again.nth == 1
    assert redeem_coupon("LIDO10", order=order(5), at=NOW).redemption.nth == 1
    assert Coupon.objects.get().redeemed_count == 2


def test_a_use_kept_for_an_order_of_theirs_counts_and_is_turned_into_one() -> None:
    launched()
    lock_coupon("LIDO10", order=order(1), at=NOW)

    assert refused("LIDO10", order(2)) == ["locked"]
    with pytest.raises(NotRedeemable):
        lock_coupon("LIDO10", order=order(2), at=NOW)
    lock_coupon("LIDO10", order=order(3, "c-2"), at=NOW)
    redeem_coupon("LIDO10", order=order(1), at=NOW)

    coupon = Coupon.objects.get()
    assert (coupon.redeemed_count, coupon.locked_count) == (1, 1)


def test_for_a_band_only_it_is_for_whoever_is_in_it_then() -> None:
    launched(bands=("HIGH",), code_for_anyone=False)
    make.churn_score(customer=make.customer(external_id="c-1"), churn_band="HIGH")
    make.churn_score(customer=make.customer(external_id="c-2"), churn_band="LOW")

    assert not examine("LIDO10", order=order(1), at=NOW).refusals
    assert refused("LIDO10", order(2, "c-2")) == ["not_in_audience"]
    assert refused("LIDO10", order(3, "stranger")) == ["not_in_audience"]
    ChurnScore.objects.update(churn_band="LOW")
    assert refused("LIDO10", order(1)) == ["not_in_audience"]


def test_whoever_was_meant_when_a_use_was_kept_for_them_may_spend_it() -> None:
    launched(bands=("HIGH",), code_for_anyone=False)
    make.churn_score(customer=make.customer(external_id="c-1"), churn_band="HIGH")
    lock_coupon("LIDO10", order=order(1), at=NOW)
    ChurnScore.objects.update(churn_band="LOW")

    assert refused("LIDO10", order(2)) == ["locked", "not_in_audience"]
    assert not redeem_coupon("LIDO10", order=order(1), at=NOW).replayed


@pytest.mark.parametrize("nobody", ["guest", "null", "erased"])
def test_who_is_nobody_or_was_erased_uses_none(nobody: str) -> None:
    launched()
    forget_customer(make.customer(external_id="erased"), by="anne", at=NOW)

    looked_at = examine("LIDO10", order=order(1, nobody), at=NOW)
    assert [refusal.reason for refusal in looked_at.refusals] == ["unknown_code"], (
        "not yes, then no"
    )
    assert refused("LIDO10", order(1, nobody)) == ["unknown_code"]
    assert not Customer.objects.filter(external_id=nobody).exists()


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"budget_amount": 2_999}, "budget_amount", "does not cover 3 uses"),
        ({"general_code": "A-1"}, "general_code", "From 4 to 24"),
        ({"general_code": "SAVE/10"}, "general_code", "letters and digits"),
        ({"general_code": "CODE 1"}, "general_code", "another coupon's code"),
        ({"code_uses": None}, "code_uses", "in all"),
        ({"assigning": "WORTH"}, "assigning", "one offer"),
        ({"uses_per_customer": 4}, "uses_per_customer", "no more than in all"),
        ({"bands": ("HIGH",)}, "bands", "Anyone may use the code"),
        ({"code_for_anyone": False}, "bands", "Choose whom it is for"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(
    fields: dict[str, Any], field: str, said: str
) -> None:
    make.coupon(code="CODE-1", code_normal="C0DE1")

    with pytest.raises(NotSound) as error:
        draft_campaign(plan(**fields), by=ANNE, at=NOW)

    assert said in error.value.problems[field]


def test_a_code_is_used_by_nobody_while_it_is_paused_but_for_the_order_it_is_kept_for() -> None:
    campaign = launched()
    lock_coupon("lido10", order=order(1, "c-1"), at=NOW)
    shop, page = client("campaigns:write"), operator()

    shop.post(f"/api/v1/campaigns/{campaign.pk}/pause/")
    told = text(page.get(f"{URL}{campaign.pk}/change/"))
    words = text(page.get(f"{URL}{campaign.pk}/resume/"))
    while_paused = refused("LIDO10", order(2, "c-2"))
    redeem_coupon("LIDO10", order=order(1, "c-1"), at=NOW)
    page.post(f"{URL}{campaign.pk}/resume/")
    redeem_coupon("LIDO10", order=order(2, "c-2"), at=NOW)

    assert "Paused: nobody can use it until it is resumed." in told
    assert "Let the code be used again" in words
    assert while_paused == ["paused"]
    assert Redemption.objects.count() == 2


@pytest.mark.parametrize(("state", "verb"), [("RUNNING", "pause"), ("PAUSED", "resume")])
def test_the_page_of_a_code_for_all_can_pause_it_and_take_it_up_again(
    state: str, verb: str
) -> None:
    campaign = launched()
    Campaign.objects.update(state=state)

    assert f"{URL}{campaign.pk}/{verb}/" in text(operator().get(f"{URL}{campaign.pk}/change/"))


def test_a_code_that_another_coupon_got_meanwhile_is_refused_at_the_launch() -> None:
    drafted = draft_campaign(plan(), by=ANNE, at=NOW)
    submit_campaign(drafted.pk, by=ANNE, at=NOW)
    make.coupon(code="LIDO 10", code_normal="11D010")

    with pytest.raises(WrongState, match="choose another"):
        launch_campaign(drafted.pk, by=ANNE, at=NOW, progress=lambda *_: None)

    drafted.refresh_from_db()
    assert (drafted.state, drafted.committed_amount) == ("APPROVED", 0)


def test_cancelling_withdraws_the_uses_that_are_left_and_frees_their_budget() -> None:
    campaign = launched()
    redeem_coupon("LIDO10", order=order(1), at=NOW)

    cancel_campaign(campaign.pk, by=ANNE, at=NOW, void_coupons=True)

    campaign.refresh_from_db()
    assert campaign.committed_amount == 1_000
    assert refused("LIDO10", order(2, "c-2")) == ["withdrawn"]


def test_its_result_says_what_it_was_used_for_and_that_its_effect_cannot_be_told() -> None:
    campaign = launched()
    redeem_coupon("LIDO10", order=order(1, "c-1"), at=NOW)
    redeem_coupon("LIDO10", order=order(2, "c-2", amount=9000), at=NOW)
    assert campaign.measures_until is not None
    finish_campaign(campaign.pk, by=ANNE, at=campaign.measures_until)

    told = client().get(f"/api/v1/campaigns/{campaign.pk}/results/").json()
    page = text(operator().get(f"{URL}{campaign.pk}/change/"))
    result = operator().get(f"{URL}{campaign.pk}/results/")

    assert (told["stage"], told["headline"]) == ("NOT_MEASURABLE", "Its effect cannot be told")
    assert told["overall"] is None
    assert "Its effect cannot be told. Everybody who has the code" in page
    assert "of 3 times" in page
    assert "each once" in page
    assert "Over" in page
    assert "Measured" not in page
    assert "£140.00" in page
    assert "£20.00" in page
    assert result.status_code == 302


def test_an_operator_drafts_looks_and_launches_it() -> None:
    signed_in = operator()
    sent = {
        "name": "Flyer",
        "code_uses": "3",
        "general_code": "lido 10",
        "budget_amount": "30",
        "control_percent": "20",
        "contact_gap_days": "30",
        "measure_days": "60",
        "offers-TOTAL_FORMS": "1",
        "offers-INITIAL_FORMS": "0",
        "offers-0-benefit": "AMOUNT",
        "offers-0-amount": "10",
        "offers-0-minimum_spend": "0",
        "offers-0-valid_days": "30",
        "offers-0-share": "1",
        "offers-0-priority": "10",
        "offers-0-scope": "CHOSEN",
        "offers-0-stacking": "EXCLUSIVE",
    }

    page = text(signed_in.post(f"{URL}add/", sent, follow=True))
    campaign = Campaign.objects.get()
    asked = text(signed_in.get(f"{URL}{campaign.pk}/submit/"))

    assert (campaign.general_code, campaign.code_uses, campaign.uses_per_customer) == (
        "LIDO 10",
        3,
        1,
    )
    assert "What it can tell" in page
    assert "What it changed" not in page
    assert "one code that can be used 3 times, 1 a customer, at a cost of at most £30.00" in asked
    assert redraft_campaign(
        campaign.pk, plan_of(campaign), by=ANNE, at=NOW, revision=1
    ).general_code


def test_nobody_is_previewed() -> None:
    drafted = draft_campaign(plan(), by=ANNE, at=NOW)

    for verb in ("preview", "what-if"):
        answer = client().post(f"/api/v1/campaigns/{drafted.pk}/{verb}/", {})
        assert (answer.status_code, answer.json()["detail"][:22]) == (409, "It has one code for al")


def test_who_may_see_no_coupons_sees_no_way_to_them() -> None:
    campaign = launched()
    looker = make.user(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    signed_in = Client()
    signed_in.force_login(looker)

    theirs = text(signed_in.get(f"{URL}{campaign.pk}/change/"))
    operators = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert "qr.svg" not in theirs
    assert "Its uses" not in theirs
    assert "qr.svg" in operators
    assert "Its uses" in operators
