"""What happened in the shop, as columns."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.seasons import SECONDS_A_DAY

Int8Array = NDArray[np.int8]


class Kind(IntEnum):
    """What a customer did."""

    VIEW = 0
    CART = 1
    PURCHASE = 2
    RETURN = 3
    RATING = 4


@dataclass(frozen=True, kw_only=True)
class EventBatch:
    """Events, one a row, sorted by time.

    serial : the running number of the event in this shop, from 0; makes the message id.
    customer, product : rows; kind : Kind; source : index of people.SOURCES.
    time : days since 1970-01-01 UTC, whole seconds; `seconds` has it as an integer.
    quantity : at least 1. unit_price, discount : minor units, discount for the whole line.
    order : running number of the order, -1 for views and carts; returns and ratings carry
    the number of the order they are about. coupon : the coupon's number, or -1.
    rating : 1 to 5, 0 for every other kind.
    """

    serial: IntArray
    customer: IntArray
    product: IntArray
    kind: Int8Array
    time: FloatArray
    quantity: IntArray
    unit_price: IntArray
    discount: IntArray
    order: IntArray
    coupon: IntArray
    rating: Int8Array
    source: Int8Array

    def __len__(self) -> int:
        return len(self.serial)

    @property
    def seconds(self) -> IntArray:
        """Seconds since 1970-01-01 UTC."""
        return np.rint(self.time * SECONDS_A_DAY).astype(np.int64)

    def message_ids(self, prefix: str = "sim") -> list[str]:
        """Ids that are the same whenever the same shop is played again."""
        return [f"{prefix}-{serial:09d}" for serial in self.serial.tolist()]

    def take(self, rows: NDArray[np.bool_] | IntArray | slice) -> "EventBatch":
        """Those rows only, in that order."""
        return EventBatch(**{at.name: getattr(self, at.name)[rows] for at in fields(self)})

    def of_kind(self, kind: Kind) -> "EventBatch":
        """The events of one kind."""
        return self.take(self.kind == kind)


def events(
    kind: Kind,
    *,
    customer: IntArray,
    product: IntArray,
    time: FloatArray,
    source: IntArray | Int8Array,
    quantity: IntArray | int = 1,
    unit_price: IntArray | int = 0,
    discount: IntArray | int = 0,
    order: IntArray | int = -1,
    coupon: IntArray | int = -1,
    rating: IntArray | int = 0,
) -> EventBatch:
    """Columns of one kind of event; what is not said takes its neutral value."""
    n = customer.size

    def column(values: IntArray | int) -> IntArray:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), n)

    return EventBatch(
        serial=column(-1),
        customer=customer,
        product=product,
        kind=np.full(n, kind, dtype=np.int8),
        time=time,
        quantity=column(quantity),
        unit_price=column(unit_price),
        discount=column(discount),
        order=column(order),
        coupon=column(coupon),
        rating=np.broadcast_to(np.asarray(rating, dtype=np.int8), n),
        source=source.astype(np.int8),
    )


def join(parts: list[EventBatch]) -> EventBatch:
    """One batch after the other."""
    if not parts:
        nothing = np.empty(0, dtype=np.int64)
        return events(
            Kind.VIEW, customer=nothing, product=nothing, time=np.empty(0), source=nothing
        )
    return EventBatch(
        **{at.name: np.concatenate([getattr(p, at.name) for p in parts]) for at in fields(parts[0])}
    )


def in_order_of_time(batch: EventBatch, *, first_serial: int) -> EventBatch:
    """Sorted and numbered; events of the same second keep the order they were made in."""
    ordered = batch.take(np.argsort(batch.time, kind="stable"))
    serial = np.arange(first_serial, first_serial + len(batch), dtype=np.int64)
    return EventBatch(**{**vars(ordered), "serial": serial})
