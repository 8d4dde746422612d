"""Our way of storing events, and the peers: Django's `bulk_create(ignore_conflicts=True)`.

The peer ends with the same rows in the same tables, and checks nothing: its messages are known to
be sound. What it does besides `bulk_create` is done with the fewest statements Django offers.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

    def __call__(self, messages: Sequence[EventMessage], at: datetime) -> None:
        for chunk in chunks(messages):
            with transaction.atomic():
                events = _ready(chunk, at)
                start = time.perf_counter()
                Event.objects.bulk_create(events, ignore_conflicts=True)
                self.bare_s += time.perf_counter() - start
                _see(events)


def _ready(messages: Sequence[EventMessage], at: datetime) -> list[Event]:
    customers = _customers({message.customer for message in messages}, at)
    products = _products({message.product for message in messages}, at)
    return [
        Event(
            source=message.source,
            message_id=message.message_id,
            kind=message.kind,
            customer_id=customers[message.customer],
            product_id=products[message.product],
            quantity=message.quantity,
            unit_price=message.unit_price,
            discount=message.discount,
            amount=(message.unit_price or 0) * message.quantity - message.discount,
            currency="GBP",
            order_id=message.order_id,
            occurred_at=message.occurred_at,
            received_at=at,
        )
        for message in messages
    ]


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
    """First and last seen. In time order, so that a later chunk only moves the last."""
    moments: dict[int, list[datetime]] = {}
    for event in events:
        assert event.customer_id is not None
        moments.setdefault(event.customer_id, []).append(event.occurred_at)
    customers = list(Customer.objects.filter(pk__in=moments))
    for customer in customers:
        seen = moments[customer.pk]
        customer.first_seen_at = min([*seen, customer.first_seen_at or seen[0]])
        customer.last_seen_at = max([*seen, customer.last_seen_at or seen[0]])
    Customer.objects.bulk_update(customers, ["first_seen_at", "last_seen_at"], batch_size=500)
