"""Every event as the checks see it: flat arrays, anonymous events too."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import BoolArray, IntArray, Kind

NOBODY = -1


class Problem(StrEnum):
    """What may be wrong with a shop's data."""

    TILL = "TILL"
    BOT = "BOT"
    DUPLICATES = "DUPLICATES"
    REPEATS = "REPEATS"
    HUGE = "HUGE"
    PRICES = "PRICES"
    NO_PRICE = "NO_PRICE"
    CURRENCIES = "CURRENCIES"
    UNKNOWN = "UNKNOWN"
    RETURNS = "RETURNS"
    CONTACTS = "CONTACTS"
    GAPS = "GAPS"
    CHANGE = "CHANGE"
    CLOCK = "CLOCK"


class Severity(StrEnum):
    """Whether it misleads models, is worth a look, or good to know."""

    SERIOUS = "SERIOUS"
    LOOK = "LOOK"
    NOTE = "NOTE"


@dataclass(frozen=True)
class Log:
    """n events in any order; all arrays are (n,).

    event : the event's number, rising with its arrival. customer, product : ids, -1 for none.
    kind : a learning Kind. second : since 1970 on the shop's own clock. quantity : pieces.
    amount, discount : minor units of the line, 0 where none was sent. order : a number shared by
    the lines of an order, -1 for none. currency : a number, -1 for none. delivery : a number
    shared by what arrived together. corrected : whether the sender's clock ran ahead.
    learned : whether models may learn from it: a customer is known and did not object.

    About 90 bytes an event.
    """

    event: IntArray
    customer: IntArray
    product: IntArray
    kind: IntArray
    second: IntArray
    quantity: IntArray
    amount: IntArray
    discount: IntArray
    order: IntArray
    currency: IntArray
    delivery: IntArray
    corrected: BoolArray
    learned: BoolArray

    def __len__(self) -> int:
        return len(self.event)

    def take(self, rows: IntArray | BoolArray) -> Self:
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def of(self, kind: Kind) -> Self:
        """The events of one kind that models may learn from."""
        return self.take(self.learned & (self.kind == kind))


@dataclass(frozen=True)
class Found:
    """One thing that is wrong.

    share : of what models learn from, 0 to 1; by it findings are ordered. count : rows or
    customers concerned, of : how many there are. first, last : seconds on the shop's clock.
    evidence : JSON; what the words need and which rows to look at.
    """

    problem: Problem
    share: float
    count: int
    of: int
    first: int | None = None
    last: int | None = None
    customer: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


def part(of: float, whole: float) -> float:
    """The share, 0 of nothing."""
    return float(of / whole) if whole else 0.0


def ends(second: IntArray) -> dict[str, int]:
    """First and last moment, as Found takes them."""
    return {"first": int(second.min()), "last": int(second.max())} if len(second) else {}


def groups(*keys: NDArray[Any]) -> IntArray:
    """A number for each row, equal where all keys are equal, (n,)."""
    n = len(keys[0])
    by = np.lexsort(keys)
    new = np.zeros(n, dtype=bool)
    for key in keys:
        new[1:] |= key[by][1:] != key[by][:-1]
    number = np.empty(n, dtype=np.int64)
    number[by] = np.cumsum(new)
    return number
