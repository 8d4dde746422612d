"""Customers drawn from the models themselves, whose parameters are therefore known."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from retention.learning.panel import FloatArray, Kind, Panel
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying
from retention.learning.value.pareto import ParetoNbd
from tests.learning.churn.shops import DAY_0

CDNOW_BGNBD = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
CDNOW_PARETO = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669)
MOST = 400
"""Orders drawn of a customer; nobody of these shops has so many."""

Draw = Callable[[Generator, int], tuple[FloatArray, FloatArray, FloatArray]]
"""Of n customers: rates, the moment of leaving, and the order after which they left."""


def from_bgnbd(model: BgNbd) -> Draw:
    def draw(rng: Generator, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        chance = np.maximum(rng.beta(model.a, model.b, n), 1e-9)
        rate = rng.gamma(model.r, 1 / model.alpha, n)
        return rate, np.full(n, np.inf), rng.geometric(chance).astype(np.float64)

    return draw


def from_pareto(model: ParetoNbd) -> Draw:
    def draw(rng: Generator, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        left = rng.exponential(1 / np.maximum(rng.gamma(model.s, 1 / model.beta, n), 1e-12))
        return rng.gamma(model.r, 1 / model.alpha, n), left, np.full(n, np.inf)

    return draw


def repeat_orders(draw: Draw, *, seed: int, n: int, until: float) -> FloatArray:
    """When each of n customers orders again, counted from the first order, (n, MOST); inf later."""
    rng = np.random.default_rng(seed)
    rate, left, last = draw(rng, n)
    times = np.cumsum(rng.exponential(1, (n, MOST)) / np.maximum(rate, 1e-12)[:, None], axis=1)
    comes = (times <= np.minimum(left, until)[:, None]) & (np.arange(MOST) < last[:, None])
    return np.where(comes, times, np.inf)


def bought_by(times: FloatArray, *, known: FloatArray) -> Buying:
    """What is known of them after (n,) days."""
    seen = times <= known[:, None]
    again = seen.sum(axis=1).astype(np.float64)
    last = np.where(seen, times, 0.0).max(axis=1)
    return Buying(again + 1, known, known - last, again + 1, 2_000.0 * (again + 1))


def shop_of(draw: Draw, *, seed: int, n: int, days: float, joining: float) -> Panel:
    """The same as events, customers joining evenly; amounts differ between customers."""
    rng = np.random.default_rng(seed + 1)
    first = rng.uniform(0, joining, n)
    times = first[:, None] + np.column_stack(
        [np.zeros(n), repeat_orders(draw, seed=seed, n=n, until=days)]
    )
    who, which = np.nonzero(times < days)
    value = rng.gamma(2.0, 1_000, n)[who] * rng.gamma(4.0, 0.25, len(who)) + 1
    return Panel.of(
        n_customers=n,
        customer=who,
        kind=np.full(len(who), Kind.PURCHASE),
        day=DAY_0 + times[who, which],
        amount=value.astype(np.int64),
    )
