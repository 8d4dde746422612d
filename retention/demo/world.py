"""The simulated shop as a real one would speak to us: in messages."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from catalog.messages import ProductMessage
from customers.messages import CustomerMessage, EventMessage, IdentityMessage
from customers.models import Purpose
from retention.learning.simulate.catalogue import Catalogue
from retention.learning.simulate.events import EventBatch, Kind
from retention.learning.simulate.people import SOURCES, People

BATCH = 10_000


def product_messages(catalogue: Catalogue, *, currency: str) -> list[ProductMessage]:
    """The whole catalogue, in the order of its rows."""
    return [
        ProductMessage(
            external_id=external_id,
            title=title,
            description=description,
            category=" > ".join(category),
            brand=brand,
            price=price,
            cost=cost,
            currency=currency,
            stock=stock,
        )
        for external_id, title, description, category, brand, price, cost, stock in zip(
            catalogue.external_ids,
            catalogue.titles,
            catalogue.descriptions,
            catalogue.categories,
            catalogue.brands,
            catalogue.price.tolist(),
            catalogue.cost.tolist(),
            catalogue.stock.tolist(),
            strict=True,
        )
    ]


def customer_messages(people: People, *, first: int, last: int) -> list[CustomerMessage]:
    """Those who have arrived between two days, with every id they go by."""
    identities: dict[int, list[IdentityMessage]] = {}
    known = people.identities
    for row, source, external_id in zip(
        known.customer.tolist(), known.source.tolist(), known.external_ids, strict=True
    ):
        message = IdentityMessage(source=SOURCES[source], external_id=external_id)
        identities.setdefault(row, []).append(message)
    arrived = (people.first_seen_day >= first) & (people.first_seen_day < last)
    return [_customer(people, row, identities[row]) for row in arrived.nonzero()[0].tolist()]


def _customer(people: People, row: int, identities: list[IdentityMessage]) -> CustomerMessage:
    return CustomerMessage(
        external_id=people.external_ids[row],
        name=people.names[row],
        email=people.emails[row],
        timezone=people.timezones[row],
        locale=people.locales[row],
        identities=identities,
        consents={
            Purpose.ANALYTICS: bool(people.allows_analytics[row]),
            Purpose.RECOMMENDATION: bool(people.allows_recommendation[row]),
            Purpose.MARKETING: bool(people.allows_marketing[row]),
        },
    )


def event_messages(
    batch: EventBatch,
    *,
    catalogue: Catalogue,
    people: People,
    currency: str,
    codes: Mapping[int, str],
    named: str = "sim",
) -> Iterator[list[EventMessage]]:
    """What happened, in batches. codes : the code behind each number of a simulated coupon.

    named : how the ids of the messages begin; under another name all of it is told anew.
    """
    ids = {
        (row, source): external_id
        for row, source, external_id in zip(
            people.identities.customer.tolist(),
            people.identities.source.tolist(),
            people.identities.external_ids,
            strict=True,
        )
    }
    for start in range(0, len(batch), BATCH):
        part = batch.take(slice(start, start + BATCH))
        part_ids = part.message_ids(named)
        yield list(_events(part, part_ids, (catalogue.external_ids, ids), currency, codes))


def _events(
    part: EventBatch,
    message_ids: list[str],
    known_as: tuple[tuple[str, ...], Mapping[tuple[int, int], str]],
    currency: str,
    codes: Mapping[int, str],
) -> Iterator[EventMessage]:
    """known_as : the ids of products by row, and of customers by row and source."""
    products, customers = known_as
    columns = {at.name: getattr(part, at.name).tolist() for at in fields(part)}
    columns["second"], columns["message_id"] = part.seconds.tolist(), message_ids
    for values in zip(*columns.values(), strict=True):
        event = dict(zip(columns, values, strict=True))
        kind, who, source = Kind(event["kind"]), event["customer"], event["source"]
        message = {
            "kind": kind.name,
            "occurred_at": datetime.fromtimestamp(event["second"], UTC),
            "source": SOURCES[source],
            "message_id": event["message_id"],
            "customer": customers[who, source],
            "customer_source": SOURCES[source],
            "product": products[event["product"]],
            "order_id": f"D{event['order']:07d}" if event["order"] >= 0 else "",
        }
        if kind in {Kind.PURCHASE, Kind.RETURN}:
            message |= _money(event, currency, codes)
        if kind == Kind.RATING:
            message["rating"] = float(event["rating"])
        yield EventMessage(**message)


def _money(event: dict[str, Any], currency: str, codes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "quantity": event["quantity"],
        "unit_price": event["unit_price"],
        "discount": event["discount"],
        "currency": currency,
        "coupon_code": codes.get(event["coupon"], ""),
    }
