from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, Coupon, Offer
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import launch_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.reopen import reopen_campaign
from retention.jobs.models import JobRun
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

pytestmark = pytest.mark.django_db
URL = "/admin/campaigns/campaign/"
FORM = {
    "name": "Win them back",
    "bands": ["HIGH"],
    "budget_amount": "500",
    "control_percent": "20",
    "contact_gap_days": "30",
    "measure_days": "60",
    "offers-TOTAL_FORMS": "1",
    "offers-INITIAL_FORMS": "1",
    "offers-0-benefit": "PERCENT",
    "offers-0-percent": "10",
    "offers-0-maximum_discount": "9.99",
    "offers-0-valid_days": "30",
    "offers-0-share": "1",
}


def operator(**fields: Any) -> Client:
    signed_in = Client()
    signed_in.force_login(make.user(**fields))
    return signed_in


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def launched() -> Campaign:
    at_risk(60)
    campaign = make.campaign(state="APPROVED", control_share=0.3, salt="fixed")
    launch_campaign(campaign.pk, by=Actor("anne"), at=NOW, progress=lambda *_: None)
    issue_coupons(campaign.pk, at=NOW, progress=lambda *_: None)
    return Campaign.objects.get(pk=campaign.pk)


def test_a_new_campaign_starts_from_the_band_an_operator_came_from() -> None:
    page = text(operator().get(f"{URL}add/?band=HIGH"))

    assert 'value="HIGH" id="id_bands_0" checked' in page


def test_a_new_campaign_starts_from_a_segment() -> None:
    segment = make.segment(size=7)

    page = text(operator().get(f"{URL}add/?segment={segment.pk}"))

    assert f'<option value="{segment.pk}" selected>RFM: {segment.name} (7)</option>' in page


def test_money_is_typed_in_pounds_and_kept_to_the_penny() -> None:
    operator().post(f"{URL}add/", FORM)

    assert Campaign.objects.get().budget_amount == 50_000
    assert Offer.objects.get().maximum_discount == 999


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("budget_amount", "12,50", "is not an amount"),
        ("budget_amount", "5", "does not cover one coupon"),
        ("bands", [], "Choose whom it is for"),
        ("offers-0-percent", "", "between 1 and 100 percent"),
        ("offers-0-products", "no-such", "No product no-such"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field: str, value: Any, said: str) -> None:
    page = text(operator().post(f"{URL}add/", FORM | {field: value}))

    assert said in page
    assert not Campaign.objects.exists()


def test_a_second_offer_can_be_compared() -> None:
    second = {f"offers-1-{name}": value for name, value in (("benefit", "AMOUNT"),)}
    second |= {"offers-1-amount": "5", "offers-1-valid_days": "14", "offers-1-share": "1"}

    operator().post(f"{URL}add/", FORM | second | {"offers-TOTAL_FORMS": "2"})

    assert [offer.name for offer in Offer.objects.order_by("pk")] == [
        "10% off, at most £9.99",
        "£5.00 off",
    ]


def test_a_draft_is_shown_as_it_was_typed_and_saved_as_it_is_shown() -> None:
    campaign = make.campaign(budget_amount=123_450)
    signed_in = operator()

    page = text(signed_in.get(f"{URL}{campaign.pk}/edit/"))
    signed_in.post(f"{URL}{campaign.pk}/edit/", FORM | {"revision": "1", "name": "Renamed"})

    assert 'value="1234.50"' in page
    assert Campaign.objects.get().name == "Renamed"


@override_settings(GLOBAL_HOLDOUT_SHARE=0.0)
def test_a_draft_says_whom_it_would_reach_and_that_ranks_are_not_causal() -> None:
    at_risk(50)
    campaign = make.campaign()

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert "Not yet causal" in page
    assert "In the chosen group" in page
    assert "74 days" in page
    assert "risk49" in page


def test_a_launch_says_to_how_many_and_at_what_cost_before_it_is_done() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")

    page = text(operator().get(f"{URL}{campaign.pk}/launch/"))

    assert "Launch now: give a coupon to" in page
    assert "at a cost of at most £" in page
    assert not JobRun.objects.exists()


def test_confirming_a_launch_asks_a_worker_for_it() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")
    signed_in = operator()

    signed_in.post(f"{URL}{campaign.pk}/launch/")

    assert JobRun.objects.get().job == "campaigns.launch"
    assert "Waiting for a worker" in text(signed_in.get(f"{URL}{campaign.pk}/change/"))
    assert signed_in.get(f"{URL}{campaign.pk}/progress/").json()["finished"] is False


@pytest.mark.parametrize(("state", "offered"), [("QUEUED", False), ("FAILED", True)])
def test_what_a_worker_was_asked_to_launch_is_not_offered_again(state: str, offered: bool) -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")
    signed_in = operator()
    signed_in.post(f"{URL}{campaign.pk}/launch/")
    JobRun.objects.update(state=state)

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))

    assert (f'href="{URL}{campaign.pk}/launch/"' in page) is offered


def test_an_author_is_told_to_ask_someone_else() -> None:
    author = make.user()
    campaign = make.campaign(state="PENDING_APPROVAL", created_by=author)
    signed_in = Client()
    signed_in.force_login(author)

    answer = signed_in.post(f"{URL}{campaign.pk}/approve/", {"revision": "1"}, follow=True)

    assert "Ask someone else to approve it." in text(answer)
    assert Campaign.objects.get().state == "PENDING_APPROVAL"


@pytest.mark.parametrize("verb", ["submit", "approve", "launch", "cancel", "reopen"])
def test_who_may_only_look_can_move_nothing(verb: str) -> None:
    campaign = make.campaign(state="APPROVED")
    looker = make.user(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    signed_in = Client()
    signed_in.force_login(looker)

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))

    assert f"{URL}{campaign.pk}/{verb}/" not in page
    assert signed_in.post(f"{URL}{campaign.pk}/{verb}/").status_code == 403


def test_a_stranger_sees_no_campaign() -> None:
    campaign = make.campaign()

    assert operator(is_superuser=False).get(f"{URL}{campaign.pk}/change/").status_code == 403


def test_a_running_campaign_says_what_is_out_and_what_is_promised() -> None:
    campaign = launched()
    coupons = Coupon.objects.count()

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert f">{coupons}<" in page
    assert f"£{coupons * 10}.00 of £1,000.00" in page
    assert "Nothing is measured yet" in page


def test_a_result_says_how_far_it_may_be_believed() -> None:
    campaign = launched()
    measure_campaign(campaign.pk, at=NOW)

    page = text(operator().get(f"{URL}{campaign.pk}/results/"))

    assert "Too early to say: day 0 of 60" in page
    assert "intention to treat" in page
    assert "as drawn (p =" in page


def test_cancelling_can_withdraw_the_coupons_that_are_out() -> None:
    campaign = launched()

    operator().post(f"{URL}{campaign.pk}/cancel/", {"void_coupons": "on"})

    assert not Coupon.objects.filter(void_at=None).exists()


def test_a_cancelled_campaign_says_how_many_coupons_were_withdrawn() -> None:
    campaign, signed_in = launched(), operator()
    coupons = Coupon.objects.count()

    signed_in.post(f"{URL}{campaign.pk}/cancel/", {"void_coupons": "on"})

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))
    assert f"drawn for one; {coupons} withdrawn since" in page


def test_a_cancelled_campaign_waits_for_no_worker() -> None:
    campaign, signed_in = make.campaign(state="APPROVED"), operator()
    signed_in.post(f"{URL}{campaign.pk}/launch/")
    Campaign.objects.update(state="CANCELLED")

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))

    assert "Waiting for a worker" not in page
    assert signed_in.get(f"{URL}{campaign.pk}/progress/").json()["finished"] is True


def test_a_coupon_says_why_its_customer_got_it_and_on_what_it_was_used() -> None:
    launched()
    coupon = Coupon.objects.earliest("pk")

    page = text(operator().get(f"/admin/campaigns/coupon/{coupon.pk}/change/"))

    assert "a chance of 20.0% without the offer and 25.0% with it" in page
    assert "not yet causal, no campaign had been measured" in page
    assert "at 80% risk of leaving" in page
    assert "74 days" in page


def test_a_coupon_that_uplift_ranked_says_what_its_customer_was_expected_to_be() -> None:
    launched()
    Assignment.objects.update(uplift=0.061, chance_without=0.2, chance_with=0.261)
    version = make.model_version(kind="UPLIFT", state="CHAMPION", promoted_at=NOW)
    version.run.metrics = {"effect": {"value": 2.0, "low": 1.0, "high": 3.0}, "campaigns": 2}
    version.run.save()
    coupon = Coupon.objects.earliest("pk")

    page = text(operator().get(f"/admin/campaigns/coupon/{coupon.pk}/change/"))

    assert "Persuadables: stay because of a coupon" in page
    assert "predicted +6.1 points" in page
    assert "not yet causal" not in page


def test_a_coupon_shows_its_code_as_a_picture_that_needs_no_style() -> None:
    coupon, admin = make.coupon(), operator()
    address = f"/admin/campaigns/coupon/{coupon.pk}/qr.svg"

    assert address in text(admin.get(f"/admin/campaigns/coupon/{coupon.pk}/change/"))
    picture = admin.get(address)
    assert picture["Content-Type"] == "image/svg+xml"
    assert f"<title>{coupon.code}</title>" in text(picture)
    assert "style" not in text(picture)


def test_coupons_are_found_by_their_code_however_typed() -> None:
    coupon, other = make.coupon(code="K7QM-3TXW-9HRB", code_normal="K7QM3TXW9HRB"), make.coupon()

    page = text(operator().get("/admin/campaigns/coupon/?q=k7qm 3txw"))

    assert coupon.code in page
    assert other.code not in page


@pytest.mark.parametrize("page", ["campaign", "coupon"])
def test_a_list_asks_the_same_number_of_questions_for_few_rows_and_for_many(
    page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        make.coupon()
    signed_in = operator()

    with django_assert_max_num_queries(8):
        answer = signed_in.get(f"/admin/campaigns/{page}/")

    assert answer.status_code == 200


def test_the_history_of_a_campaign_is_told_in_words() -> None:
    campaign = make.campaign(state="PENDING_APPROVAL")
    reopen_campaign(campaign.pk, by=Actor("Ben"), at=NOW, reason="Too deep a discount.")

    seen = text(operator().get(f"{URL}{campaign.pk}/change/"))

    assert "Waiting for approval → Draft: Too deep a discount." in seen
