"""Where on a circle, a day's hours or a week's days, each customer is to be found.

What a customer did lies between their own habit and everyone's (a Dirichlet prior, its mean the
shop's profile): the more days they were seen on, the nearer to their own. Neighbouring hours stand
in for each other. How strong the prior, how wide the neighbourhood and how much a visit without an
order says are what makes the days that were left out, one at a time, most likely: the leave-one-out
likelihood of the Dirichlet-multinomial (Minka 2000, "Estimating a Dirichlet distribution", 1.4).
"""

from dataclasses import dataclass
from math import log
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import BoolArray, FloatArray, IntArray

SPREADS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Standard deviations of an hour's neighbourhood. A weekday has none: Saturday is no Friday."""
VISITS: Final = (1.0, 0.5, 0.25, 0.1, 0.0)
"""How much a day with visits only says, against one with an order."""
EVIDENCE: Final = log(3.0)
"""Pseudo Bayes factor (Geisser and Eddy 1979) from which a habit is a customer's own: "positive
evidence" on the scale of Kass and Raftery (1995)."""
FEWEST: Final = 3
"""On fewer days nobody shows a habit."""
_STRENGTHS: Final = (log(1e-2), log(1e5))
_LEARNERS: Final = 20_000
_HOURS: Final = 24
_NEAR: Final = (-1, 0, 1)
"""An hour stands for the three around it."""


@dataclass(frozen=True)
class Seen:
    """Days by bin, (n, bins): with an order, and with a visit only."""

    orders: FloatArray
    visits: FloatArray

    @property
    def days(self) -> FloatArray:
        """All of them, (n, bins)."""
        return self.orders + self.visits

    def take(self, rows: IntArray) -> Self:
        """These customers."""
        return type(self)(self.orders[rows], self.visits[rows])


@dataclass(frozen=True)
class Habit:
    """The best place of each customer, (n,).

    place : a bin. own : whether it is the customer's own habit; else it is the shop's usual one.
    within, seen : of so many days they were seen on, so many lie at the place or beside it.
    """

    place: IntArray
    own: BoolArray
    within: IntArray
    seen: IntArray

    def take(self, rows: NDArray[np.integer[Any]]) -> Self:
        """These customers."""
        return type(self)(self.place[rows], self.own[rows], self.within[rows], self.seen[rows])


@dataclass(frozen=True)
class Circle:
    """shop : (bins,) everyone's shares. strength : so many of a customer's own days weigh as much
    as everyone's. spread, visit : of SPREADS and VISITS."""

    shop: FloatArray
    strength: float
    spread: float
    visit: float

    @classmethod
    def fit(cls, seen: Seen) -> Self:
        """From all customers; where there is no day at all, every place is as usual.

        100,000 customers take about 1 s.
        """
        often = np.flatnonzero(seen.days.sum(axis=1) > 1)
        # Spread over all of them: the newest customers alone would be others.
        some = seen.take(often[:: 1 + len(often) // _LEARNERS])
        visits = VISITS if seen.visits.any() else VISITS[:1]
        spreads = SPREADS if seen.orders.shape[1] == _HOURS else SPREADS[:1]
        found = [
            cls._best(seen, some, spread=spread, visit=visit)
            for spread in spreads
            for visit in visits
        ]
        return max(found, key=lambda one: one[0])[1]

    @classmethod
    def _best(cls, seen: Seen, some: Seen, *, spread: float, visit: float) -> tuple[float, Self]:
        """The strongest likelihood, and the circle that has it."""
        from scipy.optimize import minimize_scalar

        told = (seen.orders + visit * seen.visits).sum(axis=0)
        shop = (told + 1.0) / (told + 1.0).sum()

        def surprise(strength: float) -> float:
            circle = cls(shop, float(np.exp(strength)), spread, visit)
            return -float((some.orders * np.log(circle.left_out(some))).sum())

        best = minimize_scalar(surprise, bounds=_STRENGTHS, method="bounded")
        return -float(best.fun), cls(shop, float(np.exp(best.x)), spread, visit)

    def shares(self, seen: Seen) -> FloatArray:
        """Where each customer is to be found, (n, bins); rows add up to 1."""
        own = self._own(seen)
        share: FloatArray = (own + self.strength * self.shop) / (
            own.sum(axis=1, keepdims=True) + self.strength
        )
        return share

    def left_out(self, seen: Seen, *, weight: float = 1.0) -> FloatArray:
        """The share that each bin has in the eyes of who did not see one of its days, (n, bins).

        weight : of that day, 1 with an order. Meant for bins that hold such a day.
        """
        own = self._own(seen)
        without = np.maximum(own - weight * self._kernel[0, 0], 0.0)
        rest = np.maximum(own.sum(axis=1, keepdims=True) - weight, 0.0)
        share: FloatArray = (without + self.strength * self.shop) / (rest + self.strength)
        return share

    def evidence(self, seen: Seen) -> FloatArray:
        """Log of the pseudo Bayes factor of a habit of their own against the shop's, (n,)."""
        by_order = seen.orders * np.log(self.left_out(seen) / self.shop)
        by_visit = seen.visits * np.log(self.left_out(seen, weight=self.visit) / self.shop)
        weighed: FloatArray = (by_order + self.visit * by_visit).sum(axis=1)
        return weighed

    def habits(self, seen: Seen) -> Habit:
        """The best place of each; one of the batch equals a batch of one."""
        days = seen.days
        own = (self.evidence(seen) >= EVIDENCE) & (days.sum(axis=1) >= FEWEST)
        usual = int(np.argmax(self.shop))
        place = np.where(own, np.argmax(self.shares(seen), axis=1), usual)
        rows, bins = np.arange(len(place)), len(self.shop)
        near = _NEAR if bins == _HOURS else (0,)
        within = np.sum([days[rows, (place + step) % bins] for step in near], axis=0)
        return Habit(place, own, within.astype(np.int64), days.sum(axis=1).astype(np.int64))

    def _own(self, seen: Seen) -> FloatArray:
        told: FloatArray = (seen.orders + self.visit * seen.visits) @ self._kernel
        return told

    @property
    def _kernel(self) -> FloatArray:
        """(bins, bins), rows add up to 1: how much a day in one bin says about another."""
        bins = np.arange(len(self.shop))
        apart = np.abs(bins[:, None] - bins)
        apart = np.minimum(apart, len(bins) - apart)
        if not self.spread:
            return np.eye(len(bins))
        near = np.exp(-0.5 * (apart / self.spread) ** 2)
        kernel: FloatArray = near / near.sum(axis=1, keepdims=True)
        return kernel
