"""Events in: what is stored, what counts once, what is refused."""

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from customers.models import Customer, Event, IngestBatch
from customers.services.forget import forget_customer
from customers.services.ingest import Ingested, KnownIds
from tests import make
from tests.customers.sending import ingest, message
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_an_event_is_stored_with_its_customer_and_product() -> None:
    result = ingest(message(message_id="m1", quantity=2, discount=100, coupon_code="SPRING"))

    event = Event.objects.select_related("customer", "product").get()
    assert result == Ingested(1, 0, [], {"customers_first_seen": 1, "products_first_seen": 1})
    assert str(event.customer) == "42"
    assert str(event.product) == "Product mug"
    assert (event.source, event.message_id, event.kind) == ("shop", "m1", "PURCHASE")
    assert (event.quantity, event.unit_price, event.discount, event.amount) == (2, 500, 100, 900)
    assert (event.currency, event.order_id, event.coupon_code) == ("GBP", "o1", "SPRING")
    assert (event.occurred_at, event.received_at, event.clock_corrected) == (NOW, NOW, False)


def test_an_event_keeps_what_else_the_shop_says() -> None:
    ingest(message(kind="search", order_id="", extra={"words": ["blue", "mug"], "found": 3}))

    event = Event.objects.get()
    assert (event.kind, event.extra) == ("SEARCH", {"words": ["blue", "mug"], "found": 3})


def test_whatever_is_sent_comes_back_to_the_letter_and_the_microsecond() -> None:
    odd = 'a\tb\n"c"\\N\x01{d}é漢\U0001f600'
    moment = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=5.5)))
    sent = {"message_id": odd, "coupon_code": odd, "occurred_at": moment, "rating": 0.1}

    ingest(message(**sent, amount=10**15, quantity=2**31 - 1, extra={odd: [odd, None, 1.5, True]}))

    event = Event.objects.get()
    assert {field: getattr(event, field) for field in sent} == sent
    assert (event.amount, event.quantity) == (10**15, 2**31 - 1)
    assert event.extra == {odd: [odd, None, 1.5, True]}
    assert Customer.objects.get().first_seen_at == moment


def test_each_of_many_counts_once_wherever_its_twin_stands() -> None:
    many = [message(message_id=f"m{n:05}", source=("web", "app")[n % 2]) for n in range(3_600)]
    ingest(*many[::9])

    result = ingest(*many, *many[::7])

    assert (result.stored, result.duplicates) == (3_200, 400 + 515)
    assert set(Event.objects.values_list("source", "message_id")) == {
        (one.source, one.message_id) for one in many
    }


def test_the_same_message_counts_once_within_a_batch_and_later() -> None:
    first = ingest(message(message_id="m1"), message(message_id="m1"))
    later = ingest(message(message_id="m1"), message(message_id="m2"), at=NOW + DAY)

    assert (first.stored, first.duplicates) == (1, 1)
    assert (later.stored, later.duplicates) == (1, 1)
    assert Event.objects.count() == 2


def test_the_first_message_of_an_id_stands() -> None:
    ingest(message(message_id="m1", quantity=1))

    ingest(message(message_id="m1", quantity=9))

    assert Event.objects.get().quantity == 1


def test_one_message_id_in_two_sources_is_two_events() -> None:
    result = ingest(message(message_id="m1", source="web"), message(message_id="m1", source="app"))

    assert result.stored == 2


def test_without_a_message_id_equal_content_counts_once() -> None:
    same, other = message(), message(quantity=2)

    result = ingest(same, same, other)

    assert (result.stored, result.duplicates) == (2, 1)


@pytest.mark.parametrize(
    "difference",
    [
        {"kind": "RETURN"},
        {"occurred_at": NOW - timedelta(microseconds=1)},
        {"source": "web"},
        {"customer": "43"},
        {"customer_source": "web"},
        {"product": "cup"},
        {"quantity": 2},
        {"unit_price": 501},
        {"discount": 1},
        {"amount": 500},
        {"currency": "EUR"},
        {"order_id": "o2"},
        {"coupon_code": "SPRING"},
        {"rating": 4.0},
        {"extra": {"a": 1}},
    ],
)
def test_any_difference_in_content_makes_another_event(difference: dict[str, Any]) -> None:
    assert ingest(message(), message(**difference)).stored == 2


def test_a_message_id_that_is_a_placeholder_is_none() -> None:
    result = ingest(*(message(message_id="undefined", quantity=n) for n in (1, 2, 3)))

    assert result.stored == 3


def test_an_unnamed_event_keeps_its_name_for_ever() -> None:
    ingest(message(extra={"b": 1, "a": 2}))

    assert Event.objects.get().message_id == "a971143cca6f6465b6df41abe9ad2a95"


def test_an_event_belongs_to_the_batch_it_came_with() -> None:
    batch = IngestBatch.objects.create(name="orders.csv", created_at=NOW)

    ingest(message(), batch=batch)

    assert Event.objects.get().batch == batch


def test_first_and_last_seen_follow_the_events_in_whatever_order_they_come() -> None:
    ingest(message(occurred_at=NOW - 3 * DAY))
    ingest(message(occurred_at=NOW - 9 * DAY), message(occurred_at=NOW - 5 * DAY))

    customer = Customer.objects.get()
    assert (customer.first_seen_at, customer.last_seen_at) == (NOW - 9 * DAY, NOW - 3 * DAY)


def test_a_duplicate_with_another_time_moves_nobody() -> None:
    ingest(message(message_id="m1", occurred_at=NOW - DAY))

    ingest(
        message(message_id="m1", occurred_at=NOW),
        message(message_id="m2", occurred_at=NOW - 2 * DAY),
    )

    customer = Customer.objects.get()
    assert (customer.first_seen_at, customer.last_seen_at) == (NOW - 2 * DAY, NOW - DAY)


@pytest.mark.parametrize("seed", range(5))
def test_late_and_out_of_order_events_leave_the_same_facts(seed: int) -> None:
    sent = [
        message(message_id=f"m{n}", customer=str(n % 7 + 1), occurred_at=NOW - n * DAY)
        for n in range(60)
    ]
    shuffled = random.Random(seed).sample(sent, len(sent))

    ingest(*shuffled[:20], at=NOW)
    ingest(*shuffled[10:40], at=NOW + DAY)
    ingest(*shuffled[30:], at=NOW + 9 * DAY)

    stored = Event.objects.values_list("message_id", "customer__external_id", "occurred_at")
    assert set(stored) == {(one.message_id, one.customer, one.occurred_at) for one in sent}
    seen = Customer.objects.values_list("external_id", "first_seen_at", "last_seen_at")
    assert set(seen) == {
        (str(c + 1), NOW - max(range(c, 60, 7)) * DAY, NOW - c * DAY) for c in range(7)
    }


def test_a_known_customer_and_product_are_not_made_again() -> None:
    customer = make.customer(external_id="42")
    product = make.product(external_id="mug")

    result = ingest(message())

    event = Event.objects.get()
    assert (event.customer, event.product, result.notes) == (customer, product, {})


def test_ids_met_before_are_not_asked_for_again() -> None:
    ingest(message())
    known = KnownIds()
    known.remember({("shop", "42"): Customer.objects.get().pk}, {"mug": Product.objects.get().pk})

    with CaptureQueriesContext(connection) as queries:
        ingest(message(quantity=2), known=known)

    asked = " ".join(query["sql"] for query in queries)
    assert "customers_customeridentity" not in asked
    assert "catalog_product" not in asked


def test_a_remembered_customer_who_was_erased_meanwhile_gets_no_event() -> None:
    ingest(message())
    customer = Customer.objects.get()
    known = KnownIds()
    known.remember({("shop", "42"): customer.pk}, {})
    forget_customer(customer, by="ada", at=NOW)

    result = ingest(message(quantity=2), known=known)

    assert (result.stored, result.notes) == (1, {"erased": 1})
    assert not Event.objects.exclude(customer=None).exists()


def test_a_batch_that_is_rolled_back_is_not_remembered() -> None:
    known = KnownIds()

    with transaction.atomic():
        ingest(message(), known=known)
        transaction.set_rollback(True)

    assert (known.customers, known.products) == ({}, {})


def test_what_is_remembered_is_bounded() -> None:
    known = KnownIds(limit=100)

    known.remember({("shop", str(n)): n for n in range(101)}, {"mug": 1})

    assert (len(known.customers), len(known.products)) == (0, 1)


def test_a_thousand_events_take_as_many_queries_as_one() -> None:
    with CaptureQueriesContext(connection) as for_one:
        ingest(message())

    with CaptureQueriesContext(connection) as for_thousand:
        ingest(*(message(product=f"p{n % 50}", customer=f"c{n}") for n in range(1000)))

    assert Event.objects.count() == 1001
    assert len(for_thousand) == len(for_one)
