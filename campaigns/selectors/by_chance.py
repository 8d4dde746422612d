"""What a lot that has not fallen yet brings: customers by arm, their cost, and between what they
come out."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from retention.learning.measure.intervals import z_of
from retention.learning.panel import FloatArray, IntArray

from .worth import Worth


@dataclass(frozen=True)
class Totals:
    """Of everyone who gets a coupon, minor units: what added orders bring, what coupons take off,
    and of that what goes to those who would order anyway."""

    brought: float
    cost: float
    wasted: float

    @property
    def net(self) -> float:
        return self.brought - self.cost


def totals_of(worth: Worth, given: FloatArray) -> Totals:
    """given : (n, m) how likely each customer gets each offer."""
    return Totals(
        brought=float(np.nansum(given * worth.added * worth.order[:, None])),
        cost=float((given * worth.cost).sum()),
        wasted=float((given * worth.wasted).sum()),
    )


def luck_of(worth: Worth, given: FloatArray) -> Totals:
    """The variance of each total by chance alone, with orders as spread as an exponential's."""
    off = worth.discount

    def draws(expected: FloatArray) -> float:
        """Of coupons that are used or not, of which so much is expected to be taken off."""
        return float(np.nansum(given * expected * np.maximum(off - expected, 0.0)))

    return Totals(
        brought=float(np.nansum(given * 2 * np.abs(worth.added) * worth.order[:, None] ** 2)),
        cost=draws(worth.cost),
        wasted=draws(worth.wasted),
    )


def counts_of(many: int, shares: FloatArray) -> IntArray:
    """(m + 1,) of so many customers, in whole ones that come to all of them."""
    ends = np.round(many * np.cumsum(shares)).astype(np.int64)
    return np.diff(ends, prepend=0)


def covered_by(budget: int, worst_cases: IntArray) -> int:
    """How many, best first, fit into the budget. Who comes after is in neither arm: cutting off
    the treated alone would leave better customers in the control than outside it."""
    return int(np.searchsorted(np.cumsum(worst_cases), budget, side="right"))


def covered_on_average(budget: int, most: IntArray, shares: FloatArray, *, wanted: int) -> int:
    """How many fit into it, were the lot to fall as it does on average.

    most : (m + 1,) what one of each arm may cost at most.
    """
    average = float(shares @ most)
    many = min(wanted, int(budget / average)) if average else wanted
    while many and counts_of(many, shares) @ most > budget:
        many -= 1
    return many


def between(many: int, share: float) -> tuple[int, int]:
    """Within which a part of so many customers comes out in 95 of 100 lots."""
    half = z_of(0.95) * sqrt(many * share * (1 - share))
    return max(round(many * share - half), 0), min(round(many * share + half), many)
