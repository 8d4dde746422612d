"""Who did something with what, how much and when: the one input of every recommender."""

from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

IntArray: TypeAlias = NDArray[np.int32]
FloatArray: TypeAlias = NDArray[np.float32]
DoubleArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Csr: TypeAlias = csr_array[np.float32]

DTYPES = {"customers": "int32", "products": "int32", "weights": "float32", "times": "float64"}


class BrokenInteractions(ValueError):
    """The arrays do not describe interactions; the message says which and why."""


@dataclass(frozen=True, eq=False)
class Interactions:
    """n events as four arrays of equal length, in no particular order.

    customers : (n,) int32 row numbers below n_customers. A row may also stand for a basket.
    products : (n,) int32 row numbers below n_products.
    weights : (n,) float32, above 0: how much the event says.
    times : (n,) float64, days since 1970-01-01, all on one clock.
    24 bytes an event.
    """

    customers: IntArray
    products: IntArray
    weights: FloatArray
    times: DoubleArray
    n_customers: int
    n_products: int

    def __post_init__(self) -> None:
        self._check_arrays()
        _check_rows("customers", self.customers, self.n_customers)
        _check_rows("products", self.products, self.n_products)
        if not bool(np.all(np.isfinite(self.weights) & (self.weights > 0))):
            raise BrokenInteractions(
                "weights must be finite and above 0; leave out events that say nothing."
            )
        if not bool(np.all(np.isfinite(self.times))):
            raise BrokenInteractions(
                "times must be finite days since 1970-01-01; give undated events the day they came."
            )

    @classmethod
    def of(
        cls,
        customers: Any,
        products: Any,
        *,
        weights: Any = None,
        times: Any,
        n_customers: int,
        n_products: int,
    ) -> Self:
        """The same from anything array-like; without weights every event weighs 1."""
        rows = np.asarray(customers, dtype=np.int32)
        weights = np.ones(rows.shape) if weights is None else weights
        return cls(
            customers=rows,
            products=np.asarray(products, dtype=np.int32),
            weights=np.asarray(weights, dtype=np.float32),
            times=np.asarray(times, dtype=np.float64),
            n_customers=n_customers,
            n_products=n_products,
        )

    def __len__(self) -> int:
        return len(self.customers)

    def before(self, day: float) -> Self:
        """What was known when the day began: events strictly earlier."""
        return self._where(self.times < day)

    def between(self, start: float, end: float) -> Self:
        """Events with start <= time < end, in days."""
        return self._where((self.times >= start) & (self.times < end))

    def of_customers(self, rows: IntArray) -> Self:
        """The events of some customers, renumbered 0..len(rows) in the order asked.

        rows : (m,) row numbers, none twice; a row below 0 is nobody and has no events.
        """
        someone = np.flatnonzero(rows >= 0).astype(np.int32)
        position = np.full(self.n_customers, -1, dtype=np.int32)
        position[rows[someone]] = someone
        if np.count_nonzero(position >= 0) < len(someone):
            raise BrokenInteractions(
                "of_customers() takes each customer once; ask for unique rows."
            )
        renumbered = position[self.customers]
        kept = self._where(renumbered >= 0)
        return replace(kept, customers=position[kept.customers], n_customers=len(rows))

    def matrix(self, at_day: float, *, half_life_days: float | None = None) -> Csr:
        """Customers by products as seen at a day: weights halved every half-life, then summed.

        Events at or after the day are left out. Without a half-life nothing fades.
        """
        if half_life_days is not None and not half_life_days > 0:
            raise BrokenInteractions(f"half_life_days must be above 0, not {half_life_days!r}.")
        known = self.before(at_day)
        weights = known.weights
        if half_life_days is not None:
            weights = _faded(weights, known.times - at_day, half_life_days)
        shape = (self.n_customers, self.n_products)
        return coo_array((weights, (known.customers, known.products)), shape=shape).tocsr()

    def _where(self, mask: BoolArray) -> Self:
        if mask.all():
            return self
        return replace(
            self,
            customers=self.customers[mask],
            products=self.products[mask],
            weights=self.weights[mask],
            times=self.times[mask],
        )

    def _check_arrays(self) -> None:
        for name, dtype in DTYPES.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (len(self.customers),):
                raise BrokenInteractions(
                    f"{name} must be ({len(self.customers)},) {dtype}, "
                    f"not {array.shape} {array.dtype}; Interactions.of() converts."
                )


def _faded(weights: FloatArray, days: DoubleArray, half_life_days: float) -> FloatArray:
    """Weights (n,) after days, below 0, which are overwritten: no second table of them."""
    days /= half_life_days
    np.exp2(days, out=days)
    days *= weights
    # Two thousand half-lives ago is still an event: never let one vanish.
    faded = days.astype(np.float32)
    return faded.clip(np.finfo(np.float32).tiny, out=faded)


def _check_rows(name: str, rows: IntArray, size: int) -> None:
    if size < 0:
        raise BrokenInteractions(f"n_{name} must not be negative, got {size}.")
    if len(rows) and (rows.min() < 0 or rows.max() >= size):
        raise BrokenInteractions(
            f"{name} must lie in 0..{size - 1} (n_{name} = {size}), "
            f"found {rows.min()}..{rows.max()}; drop the unknown ones (-1) first."
        )
