"""What customers did, as flat arrays."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SECONDS_A_DAY = 86_400
UNKNOWN = -1


class Kind(IntEnum):
    """What an event is; a shop's own types are OTHER."""

    VIEW = 0
    CART = 1
    PURCHASE = 2
    RETURN = 3
    RATING = 4
    OTHER = 5


@dataclass(frozen=True)
class Panel:
    """Every event of every known customer, a row each, sorted by customer and time.

    customer : (n,) row number from 0 to n_customers - 1.
    kind : (n,) a Kind.
    second : (n,) seconds since 1970-01-01 on the shop's own clock.
    quantity : (n,) pieces.
    amount : (n,) minor units: paid for a purchased line after its discount, given back for a
        returned one. Never negative.
    discount : (n,) minor units taken off a purchased line.
    product, category : (n,) row numbers, -1 where unknown.
    order : (n,) which purchases were one order, -1 for everything else.
    rating : (n,) stars, nan where none was given.

    Build it with `Panel.of`. Integers throughout, so that sums do not depend on the order in
    which events arrived. 72 bytes an event.
    """

    customer: IntArray
    kind: IntArray
    second: IntArray
    quantity: IntArray
    amount: IntArray
    discount: IntArray
    product: IntArray
    category: IntArray
    order: IntArray
    rating: FloatArray
    n_customers: int

    @classmethod
    def of(
        cls,
        *,
        n_customers: int,
        customer: ArrayLike,
        kind: ArrayLike,
        day: ArrayLike,
        quantity: ArrayLike | None = None,
        amount: ArrayLike | None = None,
        discount: ArrayLike | None = None,
        product: ArrayLike | None = None,
        category: ArrayLike | None = None,
        order: ArrayLike | None = None,
        rating: ArrayLike | None = None,
    ) -> Self:
        """A panel from arrays in any order.

        day : (n,) days since 1970-01-01 on the shop's own clock; the fraction is the time of day.
        order : (n,) the shop's order, -1 where unknown: purchases of one customer on one day
            without an order id count as one order.
        Raises ValueError where lengths differ or a customer row is out of range.
        """
        who = np.asarray(customer, dtype=np.int64)
        second = np.rint(np.asarray(day, dtype=np.float64) * SECONDS_A_DAY).astype(np.int64)
        n, what = len(who), np.asarray(kind, dtype=np.int64)
        panel = cls(
            customer=who,
            kind=what,
            second=second,
            quantity=_ints(quantity, n, 1),
            amount=_ints(amount, n, 0),
            discount=_ints(discount, n, 0),
            product=_ints(product, n, UNKNOWN),
            category=_ints(category, n, UNKNOWN),
            order=_orders(who, what == Kind.PURCHASE, second, _ints(order, n, UNKNOWN)),
            rating=_floats(rating, n),
            n_customers=n_customers,
        )
        panel._refuse_nonsense()
        return panel.take(np.lexsort((second, who)))

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def first_day(self) -> float:
        """Day of the earliest event."""
        return float(self.second.min()) / SECONDS_A_DAY

    @property
    def last_day(self) -> float:
        """Day of the latest event."""
        return float(self.second.max()) / SECONDS_A_DAY

    def take(self, rows: IntArray | BoolArray) -> Self:
        """The events at these rows, the customers' row numbers unchanged."""
        kept = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != _SIZE}
        return type(self)(**kept, n_customers=self.n_customers)

    def before(self, day: float) -> Self:
        """What was known when this day began to tick: events strictly earlier."""
        return self.take(self.second < as_second(day))

    def _refuse_nonsense(self) -> None:
        lengths = {f.name: len(getattr(self, f.name)) for f in fields(self) if f.name != _SIZE}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Every array needs one value an event, got lengths {lengths}.")
        if len(self) and not 0 <= self.customer.min() <= self.customer.max() < self.n_customers:
            raise ValueError(
                f"Customer rows must lie in 0..{self.n_customers - 1}, got "
                f"{self.customer.min()}..{self.customer.max()}. Leave anonymous events out."
            )
        if len(self) and min(self.amount.min(), self.discount.min()) < 0:
            raise ValueError("Amounts are never negative; a return's is what was given back.")


_SIZE = "n_customers"


def as_second(day: float) -> int:
    """A day, with its fraction, on the panel's clock."""
    return round(day * SECONDS_A_DAY)


def _ints(given: ArrayLike | None, n: int, missing: int) -> IntArray:
    if given is None:
        return np.full(n, missing, dtype=np.int64)
    return np.asarray(given, dtype=np.int64)


def _floats(given: ArrayLike | None, n: int) -> FloatArray:
    if given is None:
        return np.full(n, np.nan)
    return np.asarray(given, dtype=np.float64)


def _orders(customer: IntArray, bought: BoolArray, second: IntArray, order: IntArray) -> IntArray:
    """Number the orders densely, customer by customer; -1 for what is no purchase."""
    rows = np.flatnonzero(bought)
    # Odd keys are days, even keys are order ids, so that the two never meet.
    day = second[rows] // SECONDS_A_DAY
    key = np.where(order[rows] >= 0, 2 * order[rows], 2 * day + 1)
    by = np.lexsort((key, customer[rows]))
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (np.diff(customer[rows][by]) != 0) | (np.diff(key[by]) != 0)
    dense = np.full(len(customer), UNKNOWN, dtype=np.int64)
    dense[rows[by]] = np.cumsum(new) - 1
    return dense
