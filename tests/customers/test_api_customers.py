"""Customers over HTTP: in, as they stand, their consents, their data, their erasure."""

from datetime import timedelta
from typing import Any

import pytest

from customers.models import Customer, Event
from tests import make
from tests.customers.sending import client, ingest, message
from tests.make import NOW

pytestmark = pytest.mark.django_db
URL = "/api/v1/customers/"
ADA = {
    "external_id": "42",
    "name": "Ada",
    "email": "ada@example.com",
    "identities": [{"source": "web", "external_id": "w7"}],
    "consents": {"MARKETING": True},
}


def test_a_customer_sent_in_can_be_read_back() -> None:
    shop = client()
    assert shop.post(URL, ADA).status_code == 202
    ingest(message(), message(kind="VIEW", occurred_at=NOW - timedelta(days=1)))

    found = shop.get(f"{URL}42/").json()

    assert found["contact"] == {"name": "Ada", "email": "ada@example.com", "phone": ""}
    assert found["identities"] == [
        {"source": "shop", "external_id": "42"},
        {"source": "web", "external_id": "w7"},
    ]
    assert [(one["purpose"], one["granted"]) for one in found["consents"]] == [("MARKETING", True)]
    assert [(one["kind"], one["product"]) for one in found["events"]] == [
        ("PURCHASE", "mug"),
        ("VIEW", "mug"),
    ]
    assert found["last_seen_at"] == "2026-06-01T12:00:00Z"


def test_an_id_of_another_customer_is_refused_in_words() -> None:
    shop = client()
    shop.post(URL, ADA)

    answer = shop.post(URL, ADA | {"external_id": "43"})

    assert answer.status_code == 422
    assert "web:w7 belongs to another customer" in answer.json()["detail"]


def test_a_customer_page_takes_as_many_queries_whatever_they_did(
    django_assert_num_queries: Any,
) -> None:
    customer = make.customer(external_id="42")
    for _ in range(30):
        make.event(customer=customer, product=make.product())
    shop = client()
    shop.get(URL)

    with django_assert_num_queries(7):
        assert len(shop.get(f"{URL}42/").json()["events"]) == 20


@pytest.mark.parametrize("asked", ["42", "w7", "web:w7", "shop:42"])
def test_the_list_finds_a_customer_by_any_id_of_any_source(asked: str) -> None:
    shop = client()
    shop.post(URL, [ADA, {"external_id": "43"}])

    listed = shop.get(URL, {"external_id": asked}).json()["results"]

    assert [customer["external_id"] for customer in listed] == ["42"]


def test_an_address_names_a_customer_by_another_sources_id_with_its_source() -> None:
    shop = client()
    shop.post(URL, ADA)

    found = shop.get(f"{URL}web:w7/").json()

    assert (found["external_id"], found["merged_into"]) == ("42", None)
    # Bare it could be a customer whom the shop has not sent: an erasure must not hit another.
    assert shop.get(f"{URL}w7/").status_code == 404
    assert shop.delete(f"{URL}w7/").status_code == 404


def test_customers_are_listed_by_when_they_were_last_seen() -> None:
    for days in (1, 10, 100):
        seen = NOW - timedelta(days=days)
        make.customer(external_id=f"c{days}", first_seen_at=seen, last_seen_at=seen)

    listed = client().get(
        URL, {"seen_before": "2026-05-30T00:00:00Z", "seen_after": "2026-05-01T00:00:00Z"}
    )

    assert [customer["external_id"] for customer in listed.json()["results"]] == ["c10"]


def test_pages_of_customers_neither_miss_nor_repeat_one() -> None:
    shop = client()
    made = [make.customer(consents=()).external_id for _ in range(7)]

    page = shop.get(URL, {"limit": 3}).json()
    found = [customer["external_id"] for customer in page["results"]]
    while page["next"]:
        page = shop.get(page["next"]).json()
        found += [customer["external_id"] for customer in page["results"]]

    assert found == made[::-1]


def test_an_objection_is_recorded_and_shown() -> None:
    make.customer(external_id="42")
    said = {"purpose": "MARKETING", "granted": False, "source": "account page"}

    answer = client().post(f"{URL}42/consents/", said)

    shown = {one["purpose"]: one["granted"] for one in answer.json()}
    assert answer.status_code == 201
    assert shown == {"ANALYTICS": True, "RECOMMENDATION": True, "MARKETING": False}
    assert not Customer.objects.consenting("MARKETING").exists()


def test_a_consent_to_nothing_we_know_is_400() -> None:
    make.customer(external_id="42")

    answer = client().post(f"{URL}42/consents/", {"purpose": "EVERYTHING", "granted": True})

    assert answer.status_code == 400


def test_an_erased_customer_is_gone_and_what_happened_stays() -> None:
    ingest(message())
    shop = client()

    assert shop.delete(f"{URL}42/").status_code == 204
    assert shop.delete(f"{URL}42/").status_code == 404
    assert shop.get(f"{URL}42/").status_code == 404
    assert Event.objects.get().customer is None


def test_reading_gives_no_right_to_erase() -> None:
    make.customer(external_id="42")

    assert client("read").delete(f"{URL}42/").status_code == 403
    assert Customer.objects.exists()


def test_a_person_can_take_their_data() -> None:
    shop = client()
    shop.post(URL, ADA)
    ingest(message())

    export = shop.get(f"{URL}42/export/").json()

    assert export["customers.customer"][0]["external_id"] == "42"
    assert export["customers.customercontact"][0]["email"] == "ada@example.com"
    assert export["customers.event"][0]["occurred_at"] == "2026-06-01T12:00:00Z"


@pytest.mark.parametrize("absent", ["43", "4%002", "x" * 300])
@pytest.mark.parametrize("page", ["", "export/", "consents/"])
def test_what_belongs_to_nobody_is_404_as_a_problem(absent: str, page: str) -> None:
    make.customer(external_id="42")

    answer = client().get(f"{URL}{absent}/{page}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
