"""A message that holds becomes a fact, ready to be stored; one that does not is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

import msgspec
from django.conf import settings

from catalog.identifiers import is_nothing
from catalog.refusals import Refusal, Refused, as_json, sound
from customers.identifiers import is_nobody
from customers.messages import EventMessage
from retention.present.currencies import CODES

MAXIMUM_CLOCK_LEAD = timedelta(minutes=5)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_AMOUNT = 10**15


_canonical = msgspec.json.Encoder(order="deterministic")


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An event as it will be stored, but for the row numbers of its customer and product."""

    source: str
    message_id: str
    kind: str
    customer: tuple[str, str] | None
    product: str
    quantity: int
    unit_price: int | None
    discount: int
    amount: int | None
    currency: str
    order_id: str
    coupon_code: str
    rating: float | None
    occurred_at: datetime
    clock_corrected: bool
    extra: str | None


@dataclass(frozen=True)
class ReadEvents:
    """The facts in the order they came, and what was refused."""

    facts: list[Fact]
    refused: list[Refused]


def read_events(events: Sequence[EventMessage], *, at: datetime) -> ReadEvents:
    """What the messages say, to the database nothing yet. `at` is the time of arrival."""
    at = at.astimezone(UTC)
    messages, refused = sound(events, EventMessage)
    facts = []
    latest = at + MAXIMUM_CLOCK_LEAD
    for index, message in messages:
        try:
            facts.append(_fact(message, at=at, latest=latest))
        except Refusal as refusal:
            refused.append(refusal.at(index))
    refused.sort(key=lambda one: one.index)
    return ReadEvents(facts, refused)


def _fact(message: EventMessage, *, at: datetime, latest: datetime) -> Fact:
    kind = _kind(message.kind)
    occurred_at = message.occurred_at
    if occurred_at < EARLIEST:
        raise Refusal("occurred_at_too_old", f"occurred_at {occurred_at} is before 1990.")
    ahead = occurred_at > latest
    customer = message.customer.strip()
    product = message.product.strip()
    order_id = message.order_id.strip()
    message_id = message.message_id.strip()
    if kind == "PURCHASE" and is_nothing(order_id):
        raise Refusal("missing_order_id", "A PURCHASE needs the order_id of its order.")
    if kind == "RATING" and message.rating is None:
        raise Refusal("missing_rating", "A RATING needs its rating, a number.")
    amount = _amount(message)
    return Fact(
        source_of(message.source),
        _digest(message) if is_nothing(message_id) else message_id,
        kind,
        None if is_nobody(customer) else (source_of(message.customer_source), customer),
        "" if is_nothing(product) else product,
        message.quantity,
        message.unit_price,
        message.discount,
        amount,
        _currency(message.currency) or ("" if amount is None else settings.SHOP_CURRENCY),
        "" if is_nothing(order_id) else order_id,
        message.coupon_code.strip(),
        message.rating,
        at if ahead else occurred_at.astimezone(UTC),
        ahead,
        None if message.extra is None else as_json("extra", message.extra),
    )


def _amount(message: EventMessage) -> int | None:
    """What the line came to: as sent, or price times quantity less discount, exactly."""
    if message.unit_price is None:
        return message.amount
    line = message.unit_price * message.quantity
    if message.discount > line:
        raise Refusal(
            "discount_exceeds_line",
            f"discount {message.discount} is more than the line of {message.quantity} at"
            f" {message.unit_price} = {line}.",
        )
    if message.amount is not None:
        return message.amount
    if line - message.discount > LARGEST_AMOUNT:
        raise Refusal("bad_amount", f"The line comes to {line}: expected at most 10^15.")
    return line - message.discount


def _digest(message: EventMessage) -> str:
    """The name of a message that has none: equal content, equal name, for ever.

    The order and the list of these fields never change, or files sent twice would count twice.
    """
    content = (
        message.source,
        message.kind,
        (message.occurred_at - EPOCH) // timedelta(microseconds=1),
        message.customer_source,
        message.customer,
        message.product,
        message.quantity,
        message.unit_price,
        message.discount,
        message.amount,
        message.currency,
        message.order_id,
        message.coupon_code,
        message.rating,
        message.extra,
    )
    return blake2b(_canonical.encode(content), digest_size=16).hexdigest()


# The same few words come again and again.
@lru_cache(1024)
def _kind(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]{1,32}", text):
        raise Refusal("bad_kind", f"kind {text!r}: expected letters, digits and _.")
    return text.upper()


@lru_cache(1024)
def source_of(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", text):
        raise Refusal("bad_source", f"source {text!r}: expected letters, digits, - and _.")
    return text.lower()


@lru_cache(1024)
def _currency(text: str) -> str:
    code = text.upper()
    if code and code not in CODES:
        raise Refusal("bad_currency", f"currency {text!r}: expected a code of ISO 4217, as in GBP.")
    return code
