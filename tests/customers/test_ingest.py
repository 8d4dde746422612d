"""Events in: what is stored, what counts once, what is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from customers.messages import EventMessage
from customers.models import Customer, CustomerIdentity, Event
from customers.services.ingest import Ingested, KnownIds, ingest_events
from tests.make import NOW

pytestmark = pytest.mark.django_db


def message(**fields: Any) -> EventMessage:
    given = {"kind": "PURCHASE", "order_id": "o1", "occurred_at": NOW, "customer": "42"}
    return EventMessage(**({"unit_price": 500, "product": "mug"} | given | fields))


def ingest(*messages: EventMessage, at: datetime = NOW, **options: Any) -> Ingested:
    return ingest_events(messages, at=at, **options)


def test_an_event_is_stored_with_its_customer_and_product() -> None:
    result = ingest(message(message_id="m1", quantity=2, discount=100, coupon_code="SPRING"))

    event = Event.objects.get()
    assert result == Ingested(1, 0, [], {"customers_first_seen": 1, "products_first_seen": 1})
    assert event.customer == Customer.objects.get(external_id="42")
    assert event.product is not None
    assert event.product.external_id == "mug"
    assert (event.source, event.message_id, event.kind) == ("shop", "m1", "PURCHASE")
    assert (event.quantity, event.unit_price, event.discount, event.amount) == (2, 500, 100, 900)
    assert (event.currency, event.order_id, event.coupon_code) == ("GBP", "o1", "SPRING")
    assert (event.occurred_at, event.received_at, event.clock_corrected) == (NOW, NOW, False)
