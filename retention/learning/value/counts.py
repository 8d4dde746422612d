"""How many orders may come, and what they may come to: whole distributions, not only means."""

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincinv

from retention.learning.panel import FloatArray, IntArray
from retention.learning.value.buying import Buying
from retention.learning.value.gamma_gamma import GammaGamma

POINTS: Final = 256
"""So many equally likely futures of a customer: bounds are exact to 1 / 512."""
_MOST: Final = 8_192
# Two irrational steps (Roberts' R2 sequence), so that the three numbers of a future fill a cube.
_STEPS: Final = np.array([0.7548776662466927, 0.5698402909980532])
# Below e^-600 the first probability vanishes, and with it all that is counted up from it.
_FAINTEST: Final = -600.0


class Orders(Protocol):
    """A model of how often customers order."""

    def alive(self, buying: Buying) -> FloatArray:
        """Probability that she still is a customer, (n,); nan where the model does not say."""
        ...

    def expected(
        self, buying: Buying, *, days: FloatArray | float, rate: FloatArray | float = 1.0
    ) -> FloatArray:
        """Order days to come, (n,), if she orders so many times as fast as so far."""
        ...

    def at_least(
        self,
        buying: Buying,
        *,
        days: FloatArray | float,
        most: int,
        rate: FloatArray | float = 1.0,
    ) -> FloatArray:
        """Probabilities of at least 1, 2, ... most order days of who is a customer, (n, most)."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        ...


def nbd_at_least(shape: FloatArray, share: FloatArray, most: int) -> FloatArray:
    """Probabilities that a negative binomial count is at least 1, 2, ... most, (n, most).

    shape : (n,) of the gamma distributed rate. share : (n,) days ahead over scale and days ahead.
    Counted up from none, exact to 1e-13; where that vanishes, the incomplete beta function.
    """
    none = shape * np.log1p(-share)
    one, left = np.exp(none), -np.expm1(none)
    found = np.empty((len(shape), most))
    for k in range(most):
        found[:, k] = left
        one = one * share * (shape + k) / (k + 1)
        left = left - one
    far = none < _FAINTEST
    found[far] = betainc(np.arange(1, most + 1), shape[far, None], share[far, None])
    return np.maximum(found, 0.0)


def futures(
    orders: Orders,
    buying: Buying,
    *,
    alive: FloatArray,
    days: float,
    rate: FloatArray | float = 1.0,
) -> IntArray:
    """Order days to come in 256 equally likely futures of each customer, rising, (n, 256).

    alive : (n,) probability of still being a customer. For customers who expect about as much:
    the longest list sets the work for all.
    """
    n = len(buying.order_days)
    mean = float(np.max(orders.expected(buying, days=days, rate=rate), initial=0.0))
    most, likely = int(2 * mean + 8), np.ones((n, 1))
    while most < _MOST and likely[:, -1].max(initial=0.0) > 1 / (2 * POINTS):
        likely = alive[:, None] * orders.at_least(buying, days=days, most=most, rate=rate)
        most *= 2
    # At least k come in the last `likely` of the futures, whose middles are (i + 1/2) / 256.
    begins = np.ceil(POINTS * (1 - likely) - 0.5).clip(0, POINTS).astype(np.int64)
    flat = (begins + np.arange(n)[:, None] * (POINTS + 1)).ravel()
    added = np.bincount(flat, minlength=n * (POINTS + 1)).reshape(n, POINTS + 1)
    return added[:, :-1].cumsum(axis=1)


def spends(money: GammaGamma, buying: Buying, counts: IntArray) -> FloatArray:
    """What these order days come to, minor units, (n, 256), each future with amounts of its own.

    Of k amounts the sum is gamma distributed with shape k p, its rate with q + p n for n so far.
    """
    u, v = ((np.arange(1, POINTS + 1)[:, None] * _STEPS + 0.5) % 1).T
    many, place = np.unique(counts, return_inverse=True)
    amounts = gammaincinv(np.maximum(money.p * many, 1e-300)[:, None], u)
    amounts[many == 0] = 0.0
    known, row = np.unique(buying.order_days, return_inverse=True)
    rates = gammaincinv((money.q + money.p * known)[:, None], v)
    sums = amounts[place.reshape(counts.shape), np.arange(POINTS)]
    total: FloatArray = (money.gamma + buying.spend)[:, None] * sums / rates[row]
    return total
