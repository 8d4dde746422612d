"""Customers, events, consents and erasures as operators see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer, CustomerContact, Erasure, Event
from customers.services.forget import forget_customer
from retention.access.models import AuditEntry
from tests import make
from tests.customers.merging import merge, unmerge
from tests.customers.sending import ingest, message
from tests.make import NOW

pytestmark = pytest.mark.django_db
CUSTOMERS = reverse("admin:customers_customer_changelist")
EVENTS = reverse("admin:customers_event_changelist")
ERASURES = reverse("admin:customers_erasure_changelist")
MERGES = reverse("admin:customers_customermerge_changelist")


def rows(operator: Client, url: str, **query: str) -> list[Any]:
    return list(operator.get(url, query).context["cl"].result_list)


def test_events_stand_in_the_order_in_which_they_happened_by_a_clock_of_24_hours(
    operator: Client,
) -> None:
    make.event(customer=make.customer(), occurred_at=NOW + timedelta(hours=3))
    make.event(customer=make.customer(), occurred_at=NOW)

    page = operator.get("/admin/customers/event/").content.decode()

    later, earlier = "1 June 2026, 16:00", "1 June 2026, 13:00"  # By the shop's clock.
    assert page.index(later) < page.index(earlier)
    assert "p.m." not in page


@pytest.mark.parametrize(
    ("term", "found"),
    [("c-1", {"c-10", "c-11"}), ("-1", set()), ("ADA@example.com", {"c-20"})],
)
def test_customers_are_found_by_the_beginning_of_an_id_or_an_email(
    operator: Client, term: str, found: set[str]
) -> None:
    for external_id in ("c-10", "c-11", "c-20"):
        make.customer(external_id=external_id)
    ada = Customer.objects.get(external_id="c-20")
    CustomerContact.objects.create(customer=ada, email="ada@example.com")

    assert {customer.external_id for customer in rows(operator, CUSTOMERS, q=term)} == found


@pytest.mark.parametrize("key", ["99", "nonsense", "9" * 40])
def test_an_import_that_is_not_there_is_no_crash(operator: Client, key: str) -> None:
    page = reverse("admin:customers_ingestbatch_change", args=[key])

    assert operator.get(page).status_code == 404


@pytest.mark.parametrize(
    "page", [CUSTOMERS, EVENTS, MERGES, reverse("admin:customers_consent_changelist")]
)
def test_a_list_takes_few_queries_however_long(
    operator: Client, page: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        make.event(customer=make.customer(), product=make.product())
        merge(make.customer(), make.customer())

    with django_assert_max_num_queries(9):
        operator.get(page)


def test_merges_say_who_why_and_whether_they_stand(operator: Client) -> None:
    stands, undone = (merge(make.customer(), make.customer()) for _ in range(2))
    unmerge(undone)

    page = operator.get(MERGES).content.decode()

    assert "The same e-mail." in page
    assert "0 events and 1 id" in page
    assert list(rows(operator, MERGES, state="stands")) == [stands]
    assert list(rows(operator, MERGES, state="undone", q=str(undone.absorbed))) == [undone]
    assert "by ben" in operator.get(MERGES).content.decode()


@pytest.mark.parametrize("name", ["customer", "event", "consent", "erasure", "customermerge"])
def test_facts_are_not_written_by_hand(operator: Client, name: str) -> None:
    assert operator.get(reverse(f"admin:customers_{name}_add")).status_code == 403


def test_an_event_is_shown_and_cannot_be_deleted(operator: Client) -> None:
    event = make.event(customer=make.customer(external_id="c-1"), order_id="o-77")

    page = operator.get(reverse("admin:customers_event_change", args=[event.pk]))
    deletion = operator.post(
        reverse("admin:customers_event_delete", args=[event.pk]), {"post": "yes"}
    )

    assert "o-77" in page.content.decode()
    assert deletion.status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"VIEW", "PURCHASE", "SEARCH"}),
        ({"kind": "VIEW"}, {"VIEW"}),
        ({"kind": "OWN"}, {"SEARCH"}),
        ({"source": "app"}, {"SEARCH"}),
        ({"q": "42"}, {"VIEW", "PURCHASE", "SEARCH"}),
        ({"q": "4"}, set()),
    ],
)
def test_events_are_narrowed_by_kind_source_and_customer(
    operator: Client, query: dict[str, str], found: set[str]
) -> None:
    ingest(message(kind="VIEW"), message(), message(kind="SEARCH", source="app"))

    assert {event.kind for event in rows(operator, EVENTS, **query)} == found


def test_the_sources_of_events_are_told_one_by_one() -> None:
    ingest(*(message(source=source) for source in ("web", "app", "till", "web")))

    assert Event.objects.all().sources() == ["app", "till", "web"]
    assert Event.objects.all().sources(most=2) == ["app", "till"]


@pytest.mark.parametrize(
    ("term", "found"), [("42", 1), ("shop:42", 1), ("web:w7", 1), ("w7", 0), ("43", 0), ("", 2)]
)
def test_an_erasure_is_found_only_by_the_whole_id(operator: Client, term: str, found: int) -> None:
    customer = make.customer(external_id="42")
    customer.identities.create(source="web", external_id="w7")
    forget_customer(customer, by="ada", at=NOW)

    assert len(rows(operator, ERASURES, q=term)) == found


def test_an_erasure_is_lifted_on_the_record_and_the_person_known_again(operator: Client) -> None:
    forget_customer(make.customer(external_id="42"), by="ada", at=NOW)

    operator.post(
        reverse("admin:customers_erasure_delete", args=[Erasure.objects.get().pk]), {"post": "yes"}
    )
    ingest(message())

    assert Customer.objects.get().external_id == "42"
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"erase", "lift_erasure"}
