from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Coupon, Redemption
from campaigns.selectors.progress import progress_of
from customers.models import CustomerIdentity
from tests import make
from tests.customers.sending import client
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
UNKNOWN = {
    "reason": "unknown_code",
    "message": "This code is not valid for this customer. Check it for typing errors.",
    "remedy": "",
}


def order(coupon: Coupon, **fields: Any) -> dict[str, Any]:
    assert coupon.customer is not None
    given = {"customer": coupon.customer.external_id, "amount": 5000, "currency": "GBP"}
    return given | fields


def url(coupon: Coupon, verb: str) -> str:
    return f"/api/v1/coupons/{coupon.code}/{verb}/"


def test_validating_says_what_comes_off_and_from_which_line() -> None:
    coupon = make.coupon()
    lines = [{"product": "a", "amount": 1667}, {"product": "b", "amount": 3333}]

    answer = client().post(url(coupon, "validate"), order(coupon, lines=lines))

    assert answer.json() == {
        "valid": True,
        "gift": None,
        "points": None,
        "discount_amount": 500,
        "line_discounts": [167, 333],
        "reasons": [],
    }
    assert not Redemption.objects.exists()


def test_validating_a_foreign_an_absent_and_a_broken_code_answers_alike() -> None:
    coupon, stranger = make.coupon(), make.customer()
    theirs = order(coupon, customer=stranger.external_id)

    answers = {
        client().post(f"/api/v1/coupons/{code}/validate/", theirs).content
        for code in (coupon.code, "2222-2222-2222", "no code at all", "%00", "x" * 500)
    }

    assert len(answers) == 1
    assert client().post(url(coupon, "validate"), theirs).json()["reasons"] == [UNKNOWN]


def test_every_coupon_of_a_launch_can_say_why_it_was_given() -> None:
    campaign = make.campaign(state="RUNNING")
    assigned = make.assignment(
        campaign=campaign,
        rank=7,
        churn_probability=0.8,
        chance_without=0.2,
        chance_with=0.25,
        reasons=[{"label": "days since last order", "effect": 0.5}],
    )
    coupon = make.coupon(campaign=campaign, customer=assigned.customer)

    told = client().get(url(coupon, "explanation")).json()

    assert (told["rank"], told["churn_probability"], told["probability"]) == (7, 0.8, 0.8)
    assert (told["chance_without"], told["chance_with"]) == (0.2, 0.25)
    assert (told["is_causal"], told["campaigns"], told["response"]) == (False, 0, None)
    assert told["reasons"][0]["label"] == "days since last order"


def test_nothing_is_explained_of_a_customer_who_was_forgotten() -> None:
    assert client().get(url(make.coupon(), "explanation")).status_code == 404


def test_redeeming_counts_once_and_a_retry_says_so() -> None:
    coupon, shop = make.coupon(), client()
    body = order(coupon, order_id="o1")

    first = shop.post(url(coupon, "redeem"), body)
    again = shop.post(url(coupon, "redeem"), body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["discount_amount"] == again.json()["discount_amount"] == 500
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert Coupon.objects.get().redeemed_count == 1


def test_a_code_can_be_typed_in_any_way() -> None:
    coupon = make.coupon()
    typed = f"{coupon.code.lower().replace('-', ' ')} "

    answer = client().post(f"/api/v1/coupons/{typed}/redeem/", order(coupon, order_id="o1"))

    assert answer.status_code == 201


def test_what_does_not_apply_is_a_conflict_with_every_reason() -> None:
    coupon = make.coupon(expires_at=NOW + timedelta(seconds=1), void_at=NOW)

    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        answer = client().post(url(coupon, "redeem"), order(coupon, order_id="o1"))

    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert [reason["reason"] for reason in answer.json()["reasons"]] == ["withdrawn", "expired"]


def test_a_gift_and_points_are_named_and_take_nothing_off() -> None:
    kinds: list[dict[str, Any]] = [
        {"benefit": "GIFT", "gift": make.product(external_id="mug-1")},
        {"benefit": "POINTS", "points": 500},
    ]
    shop, told = client(), []

    for number, kind in enumerate(kinds):
        campaign = make.campaign(state="RUNNING", offer=False)
        make.make_offer(campaign=campaign, amount=300, maximum_discount=300, **kind)
        coupon = make.coupon(campaign=campaign)
        valid = shop.post(url(coupon, "validate"), order(coupon)).json()
        used = shop.post(url(coupon, "redeem"), order(coupon, order_id=f"o{number}")).json()
        assert all(used[name] == valid[name] for name in ("gift", "points", "discount_amount"))
        told.append((used["gift"], used["points"], used["discount_amount"]))
        assert progress_of(campaign).spent == 300

    assert told == [("mug-1", None, 0), (None, 500, 0)]


def test_what_is_missing_is_said_so_that_it_can_be_added() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    offer = make.make_offer(campaign=campaign, minimum_spend=1500)
    offer.products.add(make.product(title="Blue mug"), make.product(title="Teapot"))
    coupon = make.coupon(campaign=campaign)
    lines = [{"product": "other", "amount": 1000}]

    answer = client().post(url(coupon, "validate"), order(coupon, amount=1000, lines=lines))

    reasons = {one["reason"]: one["remedy"] for one in answer.json()["reasons"]}
    assert reasons == {
        "no_matching_product": "Add Blue mug or Teapot.",
        "below_minimum_spend": "Spend £15.00 more.",
    }


def test_a_refund_says_what_of_the_discount_comes_back_and_a_retry_the_same() -> None:
    coupon, shop = make.coupon(), client()
    lines = [{"product": "a", "amount": 1667}, {"product": "b", "amount": 3333}]
    shop.post(url(coupon, "redeem"), order(coupon, order_id="o1", lines=lines))
    back = {"order_id": "o1", "refund_id": "r1", "amount": 1667, "lines": lines[:1]}

    first, again = (shop.post(url(coupon, "refund"), back) for _ in range(2))
    other = shop.post(url(coupon, "refund"), back | {"amount": 5, "lines": []})
    more = shop.post(url(coupon, "refund"), back | {"refund_id": "r2"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["discount_amount"] == 167
    assert first.json()["line_discounts"] == [167, 0]
    assert again.json() == first.json() | {"replayed": True}
    assert (other.status_code, more.status_code) == (409, 409)
    assert "Of a in order o1 only £0.00 can still come back." in more.json()["detail"]


def test_releasing_twice_answers_the_same_and_says_so() -> None:
    coupon, shop = make.coupon(), client()
    shop.post(url(coupon, "redeem"), order(coupon, order_id="o1"))

    answers = [shop.post(url(coupon, "release"), {"order_id": "o1"}).json() for _ in range(2)]

    assert answers[0] | {"replayed": True} == answers[1]
    assert answers[0]["released_at"] == "2026-06-01T12:00:00Z"
    assert [answer["replayed"] for answer in answers] == [False, True]


def test_releasing_what_was_never_used_says_so() -> None:
    answer = client().post(url(make.coupon(), "release"), {"order_id": "o1"})

    assert answer.status_code == 404
    assert "'o1' never used this code" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", -1),
        ("amount", 12.5),
        ("amount", "12,50"),
        ("amount", 10**16),
        ("currency", "pounds"),
        ("customer", ""),
        ("customer_source", "web:x"),
        ("customer_source", "s" * 31),
        ("order_id", "x" * 65),
        ("colour", "blue"),
    ],
)
def test_an_order_that_cannot_be_is_refused_by_its_field(field: str, value: Any) -> None:
    coupon = make.coupon()

    answer = client().post(url(coupon, "redeem"), order(coupon, order_id="o1") | {field: value})

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("source", ["Web", "WEB", "web"])
def test_the_source_of_a_customer_counts_however_it_is_typed(source: str) -> None:
    customer = make.customer()
    CustomerIdentity.objects.create(customer=customer, source="web", external_id="x1")
    coupon = make.coupon(customer=customer)
    theirs = {"customer": "x1", "customer_source": source, "order_id": "o1"}

    answer = client().post(url(coupon, "redeem"), order(coupon) | theirs)

    assert answer.status_code == 201


def test_lines_that_do_not_add_up_are_refused() -> None:
    coupon = make.coupon()
    lines = [{"product": "a", "amount": 1}]

    answer = client().post(url(coupon, "redeem"), order(coupon, order_id="o1", lines=lines))

    assert answer.status_code == 422
    assert "come to 1" in answer.json()["errors"]["lines"][0]


def test_who_tries_codes_in_a_row_has_to_wait_and_others_do_not() -> None:
    coupon, guesser, shop = make.coupon(), make.customer(), client()
    guess = {"customer": guesser.external_id, "amount": 5000, "currency": "GBP"}

    answers = [shop.post("/api/v1/coupons/2222/validate/", guess) for _ in range(31)]

    assert [answer.status_code for answer in answers[29:]] == [200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert shop.post(url(coupon, "validate"), order(coupon)).status_code == 200


def test_a_key_that_may_only_read_redeems_nothing() -> None:
    coupon = make.coupon()

    answer = client("coupons:read").post(url(coupon, "redeem"), order(coupon, order_id="o1"))

    assert answer.status_code == 403
    assert not Redemption.objects.exists()


def test_coupons_are_listed_newest_first_by_campaign_customer_and_time() -> None:
    old, new = make.coupon(issued_at=NOW - timedelta(days=2)), make.coupon()
    assert new.customer is not None

    def codes(**query: Any) -> list[str]:
        return [one["code"] for one in client().get("/api/v1/coupons/", query).json()["results"]]

    assert codes() == [new.code, old.code]
    assert codes(campaign=old.campaign_id) == [old.code]
    assert codes(customer=new.customer.external_id) == [new.code]
    assert codes(issued_after="2026-05-31T00:00:00Z") == [new.code]


def test_a_page_of_coupons_asks_the_same_number_of_questions_however_long(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(20):
        make.coupon()
    shop = client()

    with django_assert_max_num_queries(3):
        answer = shop.get("/api/v1/coupons/?limit=20")

    assert len(answer.json()["results"]) == 20
