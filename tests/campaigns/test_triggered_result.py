"""A campaign that waits for baskets, from the first one left to its result."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Assignment, Campaign, Coupon
from campaigns.orders import Order
from campaigns.services.finish import finish_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.redeem import redeem_coupon
from tests import make
from tests.campaigns.test_admit import ANNE, DAY, HOUR, admit, leave_basket, on_baskets
from tests.customers.sending import client as shop
from tests.make import NOW

pytestmark = pytest.mark.django_db
END = NOW + 30 * DAY


def order(one: Assignment, at: datetime, number: int) -> None:
    """A customer buys; with a coupon where they have one."""
    assert one.customer is not None
    key = f"order{number}"
    make.event(customer=one.customer, order_id=key, occurred_at=at, amount=5000)
    for coupon in Coupon.objects.filter(customer=one.customer):
        bought = Order(order_id=key, customer=one.customer.external_id, amount=5000, currency="GBP")
        redeem_coupon(coupon.code, order=bought, at=at)


@pytest.fixture
def played() -> Campaign:
    """240 baskets in 20 days; of four treated three come back within five days, of four controls
    one. Measured half-way and finished on the last day."""
    with override_settings(GLOBAL_HOLDOUT_SHARE=0):
        campaign = on_baskets(measure_days=10, admits_until=NOW + 20 * DAY, budget_amount=10**6)
        for day in range(20):
            for _ in range(12):
                leave_basket(NOW + day * DAY - 5 * HOUR)
            admit(campaign, NOW + day * DAY)
    for number, one in enumerate(Assignment.objects.select_related("customer")):
        if number % 4 in ({1, 2, 3} if one.arm == "TREATMENT" else {1}):
            order(one, one.assigned_at + 5 * DAY, number)
    measure_campaign(campaign.pk, at=NOW + 15 * DAY)
    finish_campaign(campaign.pk, by=ANNE, at=END)
    return Campaign.objects.get(pk=campaign.pk)


def page(client: Client, campaign: Campaign, name: str) -> str:
    client.force_login(make.user())
    with time_machine.travel(END + DAY, tick=False):
        html = client.get(f"/admin/campaigns/campaign/{campaign.pk}/{name}/").content.decode()
    body = html[html.index("<main") :] if "<main" in html else html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_result_is_of_every_customer_in_their_own_days_and_says_so(
    played: Campaign, client: Client
) -> None:
    with time_machine.travel(END + DAY, tick=False):
        told = shop().get(f"/api/v1/campaigns/{played.pk}/results/").json()
    seen = page(client, played, "results")

    overall = told["overall"]
    revenue = next(one for one in overall["effects"] if one["metric"] == "REVENUE")
    assert (told["stage"], told["answer"], told["looks"]) == ("FINAL", "EARNED", 2)
    assert overall["treated"] + overall["control"] == Assignment.objects.count() == 240
    used = Coupon.objects.filter(redeemed_count=1).count()
    assert revenue["treated_mean"] == pytest.approx(used * 4500 / overall["treated"])
    assert told["headline"] in seen
    assert "10 days from their own admission on Money" in seen
    assert "the launch" not in seen


def test_the_page_of_a_finished_one_says_who_came_in_and_what_was_done(
    played: Campaign, client: Client
) -> None:
    seen = page(client, played, "change")

    assert "240 in all" in seen
    assert "Completed anne Running → Completed" in seen


def test_a_campaign_that_is_full_says_why_in_its_history(client: Client) -> None:
    campaign = on_baskets(budget_amount=1000, control_share=0.01)
    for _ in range(9):
        leave_basket(NOW - 5 * HOUR)
    admit(campaign)

    said = "Closed: nobody more is admitted schedule No room is left within its limits."
    assert said in page(client, campaign, "change")


OCCASION = "Basket of 1 product left since 1 June, 08:00"


def test_a_coupon_tells_its_occasion(client: Client) -> None:
    coupon = _admitted_with_a_coupon()
    client.force_login(make.user())

    told = shop().get(f"/api/v1/coupons/{coupon.code}/explanation/").json()
    seen = client.get(f"/admin/campaigns/coupon/{coupon.pk}/change/").content.decode()

    assert told["occasion"] == OCCASION
    assert f"{OCCASION}.<br>Rank 1" in seen


def test_who_was_admitted_when_by_what_and_into_which_arm_is_told_newest_first() -> None:
    coupon = _admitted_with_a_coupon()
    address = f"/api/v1/campaigns/{coupon.campaign_id}/admissions/"
    make.assignment(campaign=coupon.campaign, arm="CONTROL", assigned_at=NOW - DAY)

    control, treated = shop().get(address).json()["results"]

    assert coupon.customer is not None
    assert treated == {
        "customer": coupon.customer.external_id,
        "admitted_at": "2026-06-01T12:00:00Z",
        "occasion": OCCASION,
        "arm": "TREATMENT",
        "offer": coupon.offer_id,
        "probability": 0.99,
        "outcome": "ISSUED",
        "outcome_text": "Coupon issued",
    }
    assert (control["arm"], control["offer"], control["outcome"]) == ("CONTROL", None, "CONTROL")
    assert shop().get(f"{address}?arm=CONTROL").json()["results"] == [control]
    after = {"admitted_after": "2026-06-01T00:00:00Z"}
    assert shop().get(address, after).json()["results"] == [treated]


def test_a_page_of_admissions_asks_the_same_number_of_questions_however_long(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    campaign, asker = make.campaign(state="RUNNING"), shop()
    for _ in range(20):
        make.assignment(campaign=campaign, customer=make.customer(merged_into=make.customer()))

    with django_assert_max_num_queries(4):
        answer = asker.get(f"/api/v1/campaigns/{campaign.pk}/admissions/?limit=20")

    assert len(answer.json()["results"]) == 20


@override_settings(GLOBAL_HOLDOUT_SHARE=0)
def _admitted_with_a_coupon() -> Coupon:
    campaign = on_baskets(control_share=0.01, salt="salt")
    leave_basket(NOW - 5 * HOUR, customer=make.customer(external_id="ada"))
    admit(campaign)
    return Coupon.objects.get()
