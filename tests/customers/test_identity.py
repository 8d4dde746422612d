"""Whose event it is: no bad id and no other source makes two people one."""

from typing import Any

import pytest

from customers.models import Customer, CustomerIdentity, Event
from tests.customers.sending import ingest, message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        " ",
        "null",
        "NULL",
        "undefined",
        "None",
        "NaN",
        "nil",
        "n/a",
        "[object Object]",
        '"undefined"',
        "'null'",
        "anonymous",
        "Guest",
        "unknown",
        "not_authenticated",
        "true",
        "false",
        "id",
        "distinct_id",
        "user_id",
        "email",
        "0",
        "0.0",
        "-",
        "-1",
        "00000000-0000-0000-0000-000000000000",
        "{{user.id}}",
        "${userId}",
    ],
)
def test_a_placeholder_is_nobody(nobody: str) -> None:
    result = ingest(message(customer=nobody))

    assert (result.stored, result.notes["anonymous"]) == (1, 1)
    assert Event.objects.get().customer is None
    assert not Customer.objects.exists()


@pytest.mark.parametrize("somebody", ["1", "10", "007", "guest42", "nully", "idun", "Zero"])
def test_an_id_that_only_looks_like_one_is_somebody(somebody: str) -> None:
    ingest(message(customer=somebody))

    assert str(Event.objects.get().customer) == somebody


@pytest.mark.parametrize("nothing", ["", "null", "undefined", "[object Object]"])
def test_a_placeholder_is_no_product(nothing: str) -> None:
    ingest(message(product=nothing))

    assert Event.objects.get().product is None


def test_spaces_around_an_id_make_nobody_new() -> None:
    ingest(message(customer="42"), message(customer=" 42 ", quantity=2))

    assert list(Customer.objects.values_list("external_id", flat=True)) == ["42"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"customer_source": "web"}, {"customer_source": "shop"}),
        ({"customer_source": "web"}, {"customer_source": "app"}),
        ({"customer_source": "web", "customer": "7"}, {"customer": "web:7"}),
        ({"customer_source": "web", "customer": "a:b"}, {"customer": "web:a:b"}),
        ({"customer": "shop:7"}, {"customer": "7"}),
        ({"customer": "Ada"}, {"customer": "ada"}),
    ],
)
def test_ids_of_two_sources_are_two_people(one: dict[str, Any], other: dict[str, Any]) -> None:
    ingest(message(**one), message(**other))

    assert Customer.objects.count() == CustomerIdentity.objects.count() == 2


def test_a_source_is_one_however_it_is_written() -> None:
    ingest(message(customer_source="Web"), message(customer_source="WEB", quantity=2))

    assert Customer.objects.get().external_id == "web:42"


def test_an_event_finds_the_customer_by_a_linked_id() -> None:
    ingest(message())
    CustomerIdentity.objects.create(
        customer=Customer.objects.get(), source="app", external_id="device-9"
    )

    ingest(message(customer="device-9", customer_source="app"))

    assert Customer.objects.get().events.count() == 2
