"""Who bought what on how many days, first and last: what repeat purchase is learned from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import DoubleArray, FloatArray, IntArray, Interactions
from retention.learning.recommend.selection import known_rows


@dataclass(frozen=True, eq=False)
class Habits:
    """Pairs of customer and product, by customer, products rising.

    starts : (n_customers + 1,) where each customer's pairs begin · products : (pairs,)
    strength : (pairs,) the faded number of days it was bought on · times : (pairs,) that number
    first, last : (pairs,) days since 1970-01-01. 28 bytes a pair.
    """

    starts: IntArray
    products: IntArray
    strength: FloatArray
    times: IntArray
    first: DoubleArray
    last: DoubleArray
    n_products: int

    def of_customers(self, customers: IntArray) -> Self:
        """The habits of some customers in the order asked; unknown rows have none."""
        rows, known = known_rows(customers, len(self.starts) - 1)
        lengths = np.where(known, np.diff(self.starts)[rows], 0)
        starts = np.append(0, np.cumsum(lengths)).astype(np.int32)
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return self._take(starts, places)

    def with_scores(self, scores: FloatArray) -> "csr_array[np.float32]":
        """Scores of the pairs, (pairs,), as customers by products."""
        shape = (len(self.starts) - 1, self.n_products)
        return csr_array((scores, self.products, self.starts), shape=shape)

    def find(self, products: IntArray) -> IntArray:
        """Where the pair of customer i and products[i, j] is, -1 where it was never bought."""
        owners = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        cells = owners * self.n_products + self.products
        asked = np.arange(len(products))[:, None] * self.n_products + products
        place = np.searchsorted(cells, asked)
        held = np.append(cells, -1)[place] == asked
        return np.where(held & (products >= 0), place, -1).astype(np.int32)

    def _take(self, starts: IntArray, places: IntArray) -> Self:
        return type(self)(
            starts=starts,
            products=self.products[places],
            strength=self.strength[places],
            times=self.times[places],
            first=self.first[places],
            last=self.last[places],
            n_products=self.n_products,
        )


def habits_of(interactions: Interactions, *, at_day: float, half_life_days: float | None) -> Habits:
    """The habits known at a day. Several purchases on one day count once."""
    known = interactions.before(at_day)
    days = np.floor(known.times)
    cells = known.customers.astype(np.int64) * known.n_products + known.products
    order = np.lexsort((days, cells))
    cells, days = cells[order], days[order]
    once = np.append(True, (np.diff(cells) != 0) | (np.diff(days) != 0))[: len(cells)]
    cells, days = cells[once], days[once]
    begins = np.flatnonzero(np.append(True, np.diff(cells) != 0)[: len(cells)])
    faded = np.ones_like(days) if half_life_days is None else _faded(days - at_day, half_life_days)
    counts = np.bincount(cells[begins] // known.n_products, minlength=known.n_customers)
    return Habits(
        starts=np.append(0, np.cumsum(counts)).astype(np.int32),
        products=(cells[begins] % known.n_products).astype(np.int32),
        strength=(np.add.reduceat(faded, begins) if len(begins) else faded).astype(np.float32),
        times=np.diff(np.append(begins, len(cells))).astype(np.int32),
        first=days[begins],
        last=days[np.append(begins[1:], len(days))[: len(begins)] - 1],
        n_products=known.n_products,
    )


def _faded(ages: DoubleArray, half_life_days: float) -> DoubleArray:
    # Never 0: what was bought once stays known, however long ago.
    faded: DoubleArray = np.exp2(ages / half_life_days).clip(1e-30)
    return faded
