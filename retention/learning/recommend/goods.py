"""What is known of products whoever asks: how they sell, since when, at what price."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from retention.learning.interactions import DoubleArray, FloatArray, Interactions

FASTEST, USUAL, SLOWEST = 4.0, 14.0, 90.0
"""Half-lives in days of the three popularities."""
LATELY: Final = 28.0
"""The days before a cut-off in which customers show what is still bought again."""
PRIOR: Final = 10.0
"""So many buyers of the average product are added to each product's own."""
LITTLE: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Goods:
    """What is known of products whoever asks.

    table : (n_products, 6) float32, the columns popular to back_lately of evidence.FEATURES;
    nan where unknown.
    content : (n_products, d) float32 of unit length, d may be 0.
    """

    table: FloatArray
    content: FloatArray

    @cached_property
    def sales(self) -> FloatArray:
        """Log of the faded sales of every product, the least first: where one stands in it."""
        return np.sort(self.table[:, 0])


def goods_of(
    known: Interactions, *, at_day: float, content: FloatArray | None, prices: DoubleArray | None
) -> Goods:
    """From the events before a day, and what is said of the products."""
    fast, usual, slow = (
        np.log(np.asarray(known.matrix(at_day, half_life_days=each).sum(axis=0)) + LITTLE)
        for each in (FASTEST, USUAL, SLOWEST)
    )
    before = known.before(at_day)
    first = np.full(known.n_products, np.inf)
    np.minimum.at(first, before.products, before.times)
    age = np.log1p(at_day - np.where(np.isfinite(first), first, np.nan))
    price = np.full(len(age), np.nan) if prices is None else np.log(prices.clip(0.01))
    back = _back_lately(known, at_day)
    nothing_said = np.zeros((known.n_products, 0), np.float32)
    return Goods(
        table=np.column_stack([usual, fast, usual - slow, age, price, back]).astype(np.float32),
        content=nothing_said if content is None else content,
    )


def _back_lately(known: Interactions, at_day: float) -> DoubleArray:
    """Log of the share that took each product again, (n_products,), of its buyers of old who
    bought anything lately; drawn towards the average product's.
    """
    had = known.before(at_day - LATELY).matrix(np.inf)
    took = known.between(at_day - LATELY, at_day).matrix(np.inf)
    there = np.flatnonzero(np.diff(took.indptr))
    before, later = had[there] > 0, took[there] > 0
    owners = np.bincount(before.indices, minlength=known.n_products)
    again = np.bincount((before * later).indices, minlength=known.n_products)
    # Half a buyer stands in where nobody can tell.
    usual = (again.sum() + 0.5) / (owners.sum() + 1)
    share: DoubleArray = np.log((again + PRIOR * usual) / (owners + PRIOR))
    return share
