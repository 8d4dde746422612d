"""How far an offer moves customers while campaigns are few: one odds ratio for all of them.

A few hundred customers a campaign cannot say whom an offer changes; they can say by how much it
changes the odds of an order. Odds ratios vary less with how likely an order is than differences
do: who comes anyway and who is gone are both moved by few points, who is undecided by most. So two
numbers are learned from all campaigns together, from a stated prior on, and with them what an
offer is expected to earn: what the added orders bring, less what is given to who comes anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy.special import expit, logit

from retention.learning.panel import BoolArray, FloatArray

PRIOR_MEAN: Final = np.array([0.0, 1.0, 0.35, 0.0])
"""Of the log odds of an order: level and slope over the log odds that the churn model says, both
as it says them; what an offer adds, an odds ratio of 1.4; by how much more where they are higher.
Hillstrom's two e-mails added 0.41 and 0.63 to those of a visit."""
PRIOR_SPREAD: Final = np.array([0.5, 0.3, 0.3, 0.15])
OFFER: Final = 2
AT_DEPTH: Final = 0.15
"""Of an order: the discount that an offer of strength 1 takes off."""
USED: Final = 7.0
ORDERED: Final = 10.0
"""Of so many orders of customers with a coupon, so many used it: what is assumed to begin with."""
DOUBT: Final = 0.5
"""Standard errors by which an offer is thought better where it is decided whether to send at all:
who stops at the first unlucky campaign never learns that it was one (docs/algorithms/policies.md).
"""
LATER_ORDERS: Final = 1.5
"""A caused order counts as so many: who came back is likelier to come again."""
_SURE: Final = 1e-4
_STEPS: Final = 50
_CLOSE: Final = 1e-9


@dataclass(frozen=True)
class Answers:
    """Customers of measured campaigns, (n,) each; a row for one, or for many who are alike.

    risk : probability of no order within the measured days, as scored at the launch. strength :
    of the offer, see `strength_of`; 0 in the control. customers : in the row; of them kept ordered,
    and used spent the coupon.
    """

    risk: FloatArray
    strength: FloatArray
    customers: FloatArray
    kept: FloatArray
    used: FloatArray

    @classmethod
    def each(
        cls, risk: FloatArray, strength: FloatArray, *, kept: BoolArray, used: BoolArray
    ) -> Self:
        """A row a customer."""
        counts = (np.ones(len(risk)), kept.astype(np.float64), used.astype(np.float64))
        return cls(risk, strength, *counts)


@dataclass(frozen=True)
class Shift:
    """What is believed of an offer: normal, with mean (4,) and covariance (4, 4).

    used : share of the orders of customers with a coupon that spend it, known from so many orders.
    """

    mean: FloatArray
    covariance: FloatArray
    used: float
    orders: float

    @classmethod
    def assumed(cls) -> Self:
        """Before any campaign was measured."""
        return cls(PRIOR_MEAN, np.diag(PRIOR_SPREAD**2), USED / ORDERED, ORDERED)

    @classmethod
    def learned(cls, seen: Answers) -> Self:
        """The prior, moved by every campaign: logistic regression at its mode, and the curvature
        there (MacKay 1992). With nobody to learn from it is `assumed`. 100,000 rows take 0.2 s.
        """
        x, many = _columns(seen.risk, seen.strength), seen.customers
        mean, precision = PRIOR_MEAN, np.diag(PRIOR_SPREAD**-2)
        for _ in range(_STEPS):
            chance = expit(x @ mean)
            bend = (x * (many * chance * (1 - chance))[:, None]).T @ x + precision
            slope = x.T @ (seen.kept - many * chance) - precision @ (mean - PRIOR_MEAN)
            step = np.linalg.solve(bend, slope)
            mean = mean + step
            if np.abs(step).max() < _CLOSE:
                break
        treated = seen.strength > 0
        orders = float(seen.kept[treated].sum()) + ORDERED
        used = (float(seen.used[treated].sum()) + USED) / orders
        return cls(mean, np.linalg.inv(bend), used, orders)

    @property
    def spread(self) -> float:
        """Standard error of what an offer of strength 1 adds to the log odds."""
        return float(np.sqrt(self.covariance[OFFER, OFFER]))

    @property
    def odds_ratio(self) -> float:
        """By which an offer of strength 1 multiplies the odds of an order at even odds."""
        return float(np.exp(self.mean[OFFER]))

    def better(self, errors: float) -> Self:
        """As though an offer did so many standard errors better than expected; below 0 worse."""
        moved = self.mean.copy()
        moved[OFFER] += errors * self.spread
        return replace(self, mean=moved)

    def hopeful(self) -> Self:
        """With the benefit of the doubt, which fades as campaigns teach."""
        return self.better(DOUBT)

    def one_error_off(self) -> Iterator[Self]:
        """One standard error off in each direction in which it can be wrong by itself: the squares
        of what a figure changes by them add up to its variance."""
        for axis in np.linalg.cholesky(self.covariance).T:
            yield replace(self, mean=self.mean + axis)
        error = np.sqrt(self.used * (1 - self.used) / self.orders)
        yield replace(self, used=self.used + float(error))

    def without(self, risk: FloatArray) -> FloatArray:
        """Chance of an order without an offer, (n,)."""
        return expit(_columns(risk, np.zeros(len(risk))) @ self.mean)

    def offered(self, risk: FloatArray, strength: FloatArray) -> FloatArray:
        """Chance of an order with an offer of these strengths, (n,)."""
        return expit(_columns(risk, strength) @ self.mean)


def strength_of(depth: FloatArray) -> FloatArray:
    """How many times the log odds that an offer of AT_DEPTH adds one of such parts of an order
    adds, any shape: their square root, so that four times the discount moves twice as far."""
    strength: FloatArray = np.sqrt(np.maximum(depth, 0.0) / AT_DEPTH)
    return strength


def expected_earnings(
    without: FloatArray,
    with_offer: FloatArray,
    *,
    order_margin: FloatArray,
    discount: FloatArray,
    used: float,
    contact: float = 0.0,
) -> FloatArray:
    """What an offer brings more than it costs, (n,) minor units; below 0 it is better not sent.

    without, with_offer : (n,) chances of an order. order_margin : (n,) what a caused order brings.
    discount : (n,) off an order with the coupon. used : share of orders that spend it. contact :
    of a message. What is given to those who would have come anyway is most of the cost.
    """
    earned: FloatArray = (with_offer - without) * order_margin
    return earned - used * with_offer * discount - contact


def _columns(risk: FloatArray, strength: FloatArray) -> FloatArray:
    odds = logit(np.clip(1 - risk, _SURE, 1 - _SURE))
    return np.column_stack([np.ones(len(risk)), odds, strength, strength * odds])
