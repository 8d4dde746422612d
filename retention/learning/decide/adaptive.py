"""Which of several arms is best by what is known so far, and who of the next gets it."""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.special import betainc, betaincinv, ndtr, ndtri

from retention.learning.panel import FloatArray, IntArray

FLOOR: Final = 0.25
"""Of an equal share, which every arm keeps whatever is known of it: no weight by an inverse
probability is more than four times that of an equal split, and an unlucky arm comes back."""
_POINTS: Final = (np.arange(1024) + 0.5) / 1024
"""Of the quadrature: quantiles of one arm, at which the others are asked."""


def next_shares(customers: IntArray, responded: IntArray) -> FloatArray:
    """(m,) of the customers who get an offer, how many get each, summing to 1: as often as it is
    the best (Thompson 1933), and never less than the floor. As `chance_best`."""
    chance = chance_best(customers, responded)
    shares: FloatArray = FLOOR / len(chance) + (1 - FLOOR) * chance
    return shares


def chance_best(customers: IntArray, responded: IntArray) -> FloatArray:
    """(m,) the probability of each of m arms that it has the highest rate of response, under flat
    priors; equal ones where nothing is known.

    customers, responded : (waves, m). Rates are compared within waves, each wave with the weight of
    its customers: in a wave of a good season whichever arm had most of it would look better. A wave
    that lacks an arm says nothing. An arm's rates count as those of as many customers as would make
    its weighted rate as exact.
    """
    known = (customers > 0).all(axis=1)
    customers, responded = customers[known], responded[known]
    if not len(customers):
        return np.full(customers.shape[1], 1 / customers.shape[1])
    weight = customers.sum(axis=1) / customers.sum()
    rate = weight @ (responded / customers)
    n = 1 / (weight**2 @ (1 / customers))
    a, b = (1 + n * rate)[:, None], (1 + n * (1 - rate))[:, None]
    return _chances(betaincinv(a, b, _POINTS), lambda arm, x: betainc(a[arm], b[arm], x))


def chance_highest(mean: FloatArray, error: FloatArray) -> FloatArray:
    """(m,) the same of means with their standard errors, above 0: money, say."""
    points = mean[:, None] + error[:, None] * ndtri(_POINTS)
    return _chances(points, lambda arm, x: ndtr((x - mean[arm]) / error[arm]))


def _chances(points: FloatArray, below: Callable[[int, FloatArray], FloatArray]) -> FloatArray:
    """points : (m, n) quantiles of each arm; below : the distribution of an arm at some points."""
    arms = range(len(points))
    first = np.array(
        [
            np.prod([below(other, points[arm]) for other in arms if other != arm], axis=0).mean()
            for arm in arms
        ]
    )
    chances: FloatArray = first / first.sum()
    return chances
