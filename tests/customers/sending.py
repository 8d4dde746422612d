"""What a shop sends, as the tests of this package write it."""

from datetime import datetime
from typing import Any

from rest_framework.test import APIClient

from customers.messages import CustomerMessage, EventMessage, IdentityMessage
from customers.services.ingest import Ingested, ingest_events
from retention.access.models import Scope
from retention.access.services.keys import make_key
from tests.make import NOW


def message(**fields: Any) -> EventMessage:
    """A purchase of a mug by customer 42."""
    given: dict[str, Any] = {"kind": "PURCHASE", "order_id": "o1", "occurred_at": NOW}
    given |= {"customer": "42", "product": "mug", "unit_price": 500}
    return EventMessage(**(given | fields))


def ingest(*messages: EventMessage, at: datetime = NOW, **options: Any) -> Ingested:
    return ingest_events(messages, at=at, **options)


def person(
    external_id: str = "42", *, also: tuple[tuple[str, str], ...] = (), **fields: Any
) -> Any:
    """A customer; also: their ids in other sources."""
    identities = [IdentityMessage(source=source, external_id=one) for source, one in also]
    return CustomerMessage(external_id=external_id, identities=identities, **fields)


def event_body(**fields: Any) -> dict[str, Any]:
    """The same purchase as JSON."""
    given = {"kind": "PURCHASE", "order_id": "o1", "occurred_at": "2026-06-01T12:00:00Z"}
    return given | {"customer": "42", "product": "mug", "unit_price": 500} | fields


def client(*scopes: str) -> APIClient:
    """The shop's machine, with these scopes or all."""
    _, secret = make_key("Shop", scopes=list(scopes or Scope.values), at=NOW)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})
