"""Events in, whichever way they came: every one is stored, counted as a duplicate, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from django.db import transaction

from catalog.refusals import Refused
from catalog.services.recognise import recognise_products
from customers.facts import Fact, ReadEvents, read_events
from customers.messages import EventMessage
from customers.models import IngestBatch
from customers.services.recognise import Recognised, recognise_customers
from customers.services.remember_homes import remember_homes
from customers.store import store
from customers.store.rows import SourceId


@dataclass(frozen=True)
class Ingested:
    """What became of the events: stored + duplicates + refused is what was sent.

    notes counts what else happened to those not refused, by name: anonymous, clocks_corrected,
    erased, customers_first_seen, products_first_seen.
    """

    stored: int
    duplicates: int
    refused: list[Refused]
    notes: dict[str, int] = field(default_factory=dict)


class KnownIds:
    """Ids met lately, so that a long import asks the database once for each. Bounded in size."""

    def __init__(self, *, limit: int = 200_000) -> None:
        self.limit = limit
        self.customers: dict[SourceId, int] = {}
        self.products: dict[str, int] = {}

    def remember(self, customers: dict[SourceId, int], products: dict[str, int]) -> None:
        self.customers.update(customers)
        self.products.update(products)
        for ids in (self.customers, self.products):
            if len(ids) > self.limit:
                ids.clear()


def ingest_events(
    events: Sequence[EventMessage],
    *,
    at: datetime,
    batch: IngestBatch | None = None,
    known: KnownIds | None = None,
) -> Ingested:
    """Store what is new in one transaction, committed when this returns.

    Called inside an outer transaction, it commits with that one. `at` is the time of arrival.
    """
    return store_events(read_events(events, at=at), at=at, batch=batch, known=known)


def store_events(
    read: ReadEvents,
    *,
    at: datetime,
    batch: IngestBatch | None = None,
    known: KnownIds | None = None,
) -> Ingested:
    """The same for events read before: an importer reads a chunk while another is stored."""
    facts = read.facts
    with transaction.atomic():
        stored, notes = _store(facts, at=at.astimezone(UTC), batch=batch, known=known or KnownIds())
    return Ingested(stored, len(facts) - stored, read.refused, notes)


def _store(
    facts: list[Fact], *, at: datetime, batch: IngestBatch | None, known: KnownIds
) -> tuple[int, dict[str, int]]:
    products, new_products = _products(facts, at=at, known=known)
    wanted = {fact.customer for fact in facts if fact.customer is not None}
    customers = recognise_customers(wanted, at=at, known=known.customers)
    rows = _rows(facts, customers, products, at=at, batch=batch)
    stored = store().insert_events(rows) if rows else 0
    if customers.homes:
        remember_homes(facts, customers.homes, at=at)
    # Only what is committed is remembered.
    transaction.on_commit(lambda: known.remember(customers.lasting, products))
    notes = {
        "anonymous": sum(fact.customer is None for fact in facts),
        "clocks_corrected": sum(fact.clock_corrected for fact in facts),
        "erased": sum(fact.customer in customers.erased for fact in facts),
        "customers_first_seen": customers.added,
        "products_first_seen": len(new_products),
    }
    return stored, {name: count for name, count in notes.items() if count}


def _products(
    facts: list[Fact], *, at: datetime, known: KnownIds
) -> tuple[dict[str, int], set[str]]:
    wanted = {fact.product for fact in facts if fact.product}
    found = {one: known.products[one] for one in wanted & known.products.keys()}
    met, new = recognise_products(wanted - found.keys(), at=at)
    return found | met, new


def _rows(
    facts: Sequence[Fact],
    customers: Recognised,
    products: dict[str, int],
    *,
    at: datetime,
    batch: IngestBatch | None,
) -> list[tuple[Any, ...]]:
    """Rows of EVENT_COLUMNS, sorted so that two writers never wait for each other."""
    arrived, *moments = store().moments([at, *(fact.occurred_at for fact in facts)])
    batch_id = batch and batch.pk
    rows = [
        (
            fact.source,
            fact.message_id,
            fact.kind,
            customers.found.get(fact.customer) if fact.customer else None,
            products.get(fact.product),
            fact.quantity,
            fact.unit_price,
            fact.discount,
            fact.amount,
            fact.currency,
            fact.order_id,
            fact.coupon_code,
            fact.rating,
            moment,
            arrived,
            fact.clock_corrected,
            None if fact.customer in customers.erased else fact.extra,
            batch_id,
        )
        for fact, moment in zip(facts, moments, strict=True)
    ]
    rows.sort(key=itemgetter(0, 1))
    return rows
