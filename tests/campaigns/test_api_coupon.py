"""One coupon, by its code."""

import pytest

from tests import make
from tests.campaigns.test_api_coupons import url
from tests.customers.sending import client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def test_a_coupon_is_read_by_its_code_however_typed() -> None:
    coupon = make.coupon(redeemed_count=1)
    assert coupon.customer is not None

    told = client().get(f"/api/v1/coupons/{coupon.code.lower().replace('-', ' ')}/").json()

    assert (told["code"], told["state"], told["redeemed_count"]) == (coupon.code, "REDEEMED", 1)
    assert told["expires_at"] == "2026-07-01T12:00:00Z"
    assert told["offer"]["name"] == "10 % off"


def test_a_foreign_and_an_absent_code_are_answered_alike() -> None:
    coupon, stranger = make.coupon(), make.customer()

    answers = [
        client().get(f"/api/v1/coupons/{code}/", {"customer": stranger.external_id})
        for code in (coupon.code, "2222-2222-2222", "%00")
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_who_guesses_by_reading_has_to_wait_as_by_validating() -> None:
    shop = client()
    address = url(make.coupon(), "").replace("//", "/")

    answers = [shop.get(address, {"customer": "guesser"}).status_code for _ in range(31)]

    assert answers[29:] == [404, 429]
    assert shop.get(address, {"customer": "another"}).status_code == 404


def page_of(code: str, page: str) -> str:
    return f"/api/v1/coupons/{code}/{page}"


@pytest.mark.parametrize("page", ["explanation/", "qr.svg"])
def test_made_up_codes_are_counted_also_where_no_customer_is_named(page: str) -> None:
    shop, coupon = client(), make.coupon()

    answers = [shop.get(page_of(f"2222-{n:04}", page)).status_code for n in range(31)]

    assert answers[29:] == [404, 429]
    assert shop.get(page_of(coupon.code, page)).status_code == 429, "nor does a right guess tell"
    assert client().get(page_of(coupon.code, page)).status_code != 429, "another key is not held up"


def test_pictures_of_coupons_that_there_are_may_be_any_number() -> None:
    shop, address = client(), page_of(make.coupon().code, "qr.svg")

    assert {shop.get(address).status_code for _ in range(40)} == {200}
