"""Our way of storing events, and the peers: Django's `bulk_create(ignore_conflicts=True)`.

The peer ends with the same rows in the same tables: one transaction for each chunk of the same
size, ids remembered from chunk to chunk, new customers and products made by `bulk_create`, first
and last seen moved by `bulk_update` of those whom the chunk moves. It checks nothing, its messages
being known to be sound; ours checks every message, says which rows are new, and keeps its customers
from being erased meanwhile. Both write to the same indexes and constraints.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from catalog.models import Product
from customers.facts import read_events
from customers.files.ahead import one_ahead
from customers.messages import EventMessage
from customers.models import Customer, CustomerIdentity, Event
from customers.services.ingest import KnownIds, store_events

CHUNK = 10_000
Way = Callable[[Sequence[EventMessage], datetime], None]


def chunks(messages: Sequence[EventMessage]) -> list[Sequence[EventMessage]]:
    return [messages[start : start + CHUNK] for start in range(0, len(messages), CHUNK)]


def ours(messages: Sequence[EventMessage], at: datetime) -> None:
    """As `customers.services.import_file` does it, reading one chunk ahead."""
    known = KnownIds()
    for read in one_ahead(read_events(chunk, at=at) for chunk in chunks(messages)):
        store_events(read, at=at, known=known)


@dataclass
class BulkCreate:
    """The whole job; `bare_s` adds up the seconds of `bulk_create` on events made ready."""

    bare_s: float = 0.0
    customers: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)

    def __call__(self, messages: Sequence[EventMessage], at: datetime) -> None:
        for chunk in chunks(messages):
            with transaction.atomic():
                self._recognise(chunk, at)
                events = [self._event(message, at) for message in chunk]
                start = time.perf_counter()
                Event.objects.bulk_create(events, ignore_conflicts=True)
                self.bare_s += time.perf_counter() - start
                _see(events)

    def _recognise(self, messages: Sequence[EventMessage], at: datetime) -> None:
        """Ids met before are remembered, as ours are."""
        customers = {message.customer for message in messages} - self.customers.keys()
        products = {message.product for message in messages} - self.products.keys()
        self.customers |= _customers(customers, at)
        self.products |= _products(products, at)

    def _event(self, message: EventMessage, at: datetime) -> Event:
        return Event(
            source=message.source,
            message_id=message.message_id,
            kind=message.kind,
            customer_id=self.customers[message.customer],
            product_id=self.products[message.product],
            quantity=message.quantity,
            unit_price=message.unit_price,
            discount=message.discount,
            amount=(message.unit_price or 0) * message.quantity - message.discount,
            currency="GBP",
            order_id=message.order_id,
            occurred_at=message.occurred_at,
            received_at=at,
        )


def _customers(ids: set[str], at: datetime) -> dict[str, int]:
    known = CustomerIdentity.objects.filter(source="shop", external_id__in=ids)
    found = dict(known.values_list("external_id", "customer_id"))
    if new := ids - found.keys():
        made = Customer.objects.bulk_create(
            [Customer(external_id=one, created_at=at) for one in new]
        )
        CustomerIdentity.objects.bulk_create(
            [
                CustomerIdentity(customer=customer, source="shop", external_id=customer.external_id)
                for customer in made
            ]
        )
        found |= {customer.external_id: customer.pk for customer in made}
    return found


def _products(ids: set[str], at: datetime) -> dict[str, int]:
    found = dict(Product.objects.filter(external_id__in=ids).values_list("external_id", "pk"))
    if new := ids - found.keys():
        made = Product.objects.bulk_create(
            [Product(external_id=one, created_at=at, updated_at=at) for one in new]
        )
        found |= {product.external_id: product.pk for product in made}
    return found


def _see(events: Sequence[Event]) -> None:
    """First and last seen, of those whom these events move."""
    moments: dict[int, list[datetime]] = {}
    for event in events:
        assert event.customer_id is not None
        moments.setdefault(event.customer_id, []).append(event.occurred_at)
    moved = []
    for customer in Customer.objects.filter(pk__in=moments):
        seen, before = moments[customer.pk], (customer.first_seen_at, customer.last_seen_at)
        after = (min([*seen, before[0] or seen[0]]), max([*seen, before[1] or seen[0]]))
        if after != before:
            customer.first_seen_at, customer.last_seen_at = after
            moved.append(customer)
    Customer.objects.bulk_update(moved, ["first_seen_at", "last_seen_at"], batch_size=500)
