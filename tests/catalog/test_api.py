"""Products over HTTP."""

from base64 import b64encode
from typing import Any

import pytest

from catalog.models import Product
from tests import make
from tests.customers.sending import client

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


def test_one_product_is_taken() -> None:
    answer = client().post(URL, {"external_id": "mug", "price": 1250})

    assert (answer.status_code, answer.json()) == (
        202,
        {"created": 1, "updated": 0, "unchanged": 0, "refused": []},
    )
    assert Product.objects.get().price == 1250


def test_of_a_batch_the_bad_are_refused_by_their_place() -> None:
    answer = client().post(
        URL, [{"external_id": "a"}, {"external_id": "b", "price": -1}, {"title": "c"}, 7]
    )

    refused = answer.json()["refused"]
    assert answer.status_code == 207
    assert [(one["index"], one["reason"]) for one in refused] == [
        (1, "bad_price"),
        (2, "missing_external_id"),
        (3, "unreadable"),
    ]
    assert Product.objects.get().external_id == "a"


@pytest.mark.parametrize(
    "body",
    [b'{"external_id": "x", "price": "\xff"}', b'{"external_id": "x", "price": "a", "\xff": 1}'],
)
def test_words_in_another_encoding_are_refused_as_one_message(body: bytes) -> None:
    batch = b'[{"external_id": "a"}, ' + body + b"]"

    answer = client().post(URL, batch, content_type="application/json")

    assert answer.status_code == 207
    assert [(one["index"], one["reason"]) for one in answer.json()["refused"]] == [(1, "bad_price")]
    assert Product.objects.get().external_id == "a"


def test_where_all_are_refused_the_answer_is_a_problem() -> None:
    answer = client().post(URL, {"external_id": "mug", "colour": "blue"})

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["refused"] == [
        {"index": 0, "reason": "unknown_field", "detail": "There is no field 'colour' here."}
    ]


def test_a_product_is_found_by_the_shops_own_id() -> None:
    make.product(external_id="mug 1", category=make.category("Kitchen > Mugs"))

    found = client().get(f"{URL}mug%201/").json()

    assert (found["external_id"], found["category"]) == ("mug 1", "Kitchen > Mugs")


@pytest.mark.parametrize("absent", ["cup", "mug%00", "%F0%9F%8D%B5", "x" * 300])
def test_an_unknown_product_is_404_as_a_problem(absent: str) -> None:
    make.product(external_id="mug")

    answer = client().get(f"{URL}{absent}/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"mug", "tea", "pan"}),
        ("?available=true", {"mug"}),
        ("?available=false", {"tea", "pan"}),
        ("?category=Kitchen", {"mug", "pan"}),
        ("?external_id=tea", {"tea"}),
        ("?external_id=te", set()),
    ],
)
def test_products_are_listed_as_asked(query: str, found: set[str]) -> None:
    make.product(external_id="mug", category=make.category("Kitchen > Mugs"))
    make.product(external_id="tea", stock=0)
    make.product(external_id="pan", sellable=False, category=make.category("Kitchen"))

    listed = client().get(URL + query).json()["results"]

    assert {product["external_id"] for product in listed} == found


def test_a_page_of_products_takes_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    shop = client()
    for _ in range(30):
        make.product(category=make.category())
    shop.get(URL)  # The key's last use is written once a while.

    with django_assert_num_queries(2):
        assert len(shop.get(URL).json()["results"]) == 30


@pytest.mark.parametrize("position", ["abc", "1.5", "1\x00", "9" * 30, "-1", "\u0663"])
def test_a_cursor_that_was_made_up_is_404(position: str) -> None:
    cursor = b64encode(f"p={position}".encode()).decode()

    assert client().get(URL, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_key_nothing_is_said(method: str) -> None:
    answer = getattr(client("coupons:read"), method)(URL)

    assert answer.status_code == 403
