"""Which customer gets which of several offers, or none, so that a budget earns the most.

The multiple-choice knapsack problem (Sinha and Zoltners 1979): one offer a customer, costs
together within the budget. Greedy on the upper hull of each customer's offers solves the linear
relaxation exactly; what it lacks to the best whole answer is at most one offer.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.panel import BoolArray, FloatArray, IntArray

NONE: Final = -1
_HALVINGS: Final = 16
_LATE: Final = 20_000
"""Steps beyond the first that did not fit that are still tried one by one."""


@dataclass(frozen=True)
class Allocation:
    """Who gets what.

    offer : (n,) the column chosen, -1 for none. gain, cost : of all that count together.
    bound : no allocation within the limits gains more.
    """

    offer: IntArray
    gain: float
    cost: int
    bound: float

    @property
    def gap(self) -> float:
        """How far from the bound it may be at most, as a share of it."""
        return (self.bound - self.gain) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True)
class _Steps:
    """Improvements of one customer's offer by a dearer one, the best for the money first.

    A customer's steps keep their order: along a hull each gains less for its cost than the last.
    """

    customer: IntArray
    offer: IntArray
    cost: IntArray
    gain: FloatArray
    rate: FloatArray


def allocate(
    gain: FloatArray,
    cost: IntArray,
    *,
    budget: int,
    counted: BoolArray | None = None,
    most: int | None = None,
) -> Allocation:
    """The offers that gain most together for at most the budget.

    gain : (n, m) expected from giving customer i offer j, any unit; nan or no gain is not given.
    cost : (n, m) minor units, never negative. budget : minor units.
    counted : (n,) whose gain and cost count: not a control group's, who are meant for what they
        would have been given by the same rule, and get nothing. None: everybody's.
    most : customers who are given something, or are meant for it.
    A million customers with four offers take about 3 s and 0.4 GB; where `most` binds, 15 times
    as long.
    """
    if gain.shape != cost.shape or gain.ndim != 2:
        raise ValueError(f"Gains {gain.shape} and costs {cost.shape} need one (n, m) shape.")
    if budget < 0 or (cost.size and cost.min() < 0):
        raise ValueError(f"Costs and budget are never negative, got a budget of {budget}.")
    known = np.nan_to_num(gain, nan=-1.0)
    steps = _best_first(_hulls(known, cost))
    offer, bound = _given(steps, len(gain), budget, counted)
    if most is not None and (offer >= 0).sum() > most:
        shop = (known, cost, budget, counted)
        offer, bound = _at_most(most, (offer, bound), shop)
    chosen = np.flatnonzero((offer >= 0) if counted is None else (offer >= 0) & counted)
    return Allocation(
        offer=offer,
        gain=float(gain[chosen, offer[chosen]].sum()),
        cost=int(cost[chosen, offer[chosen]].sum()),
        bound=bound,
    )


def _at_most(
    most: int,
    found: tuple[IntArray, float],
    shop: tuple[FloatArray, IntArray, int, BoolArray | None],
) -> tuple[IntArray, float]:
    """A fee a customer, halved in on until hardly more than `most` are worth it; the best of them.

    Whatever the fee, what is gained beyond it and the fees of `most` bound what can be gained.
    """
    gain, cost, budget, counted = shop
    # Above the best gain of the last who fits fewer would be worth it.
    low, high = 0.0, float(-np.partition(-gain.max(axis=1), most - 1)[most - 1])
    offer, beyond = found
    for _ in range(_HALVINGS):
        fee = (low + high) / 2
        steps = _best_first(_hulls(gain - fee, cost))
        tried, bound = _given(steps, len(gain), budget, counted)
        if (tried >= 0).sum() >= most:
            low, offer, beyond = fee, tried, bound
        else:
            high = fee
    chosen = np.flatnonzero(offer >= 0)
    best = np.argsort(-gain[chosen, offer[chosen]], kind="stable")
    offer[chosen[best[most:]]] = NONE
    stay = offer >= 0 if counted is None else (offer >= 0) & counted
    return offer, beyond + low * int(stay.sum())


def _given(steps: _Steps, n: int, budget: int, counted: BoolArray | None) -> tuple[IntArray, float]:
    """(n,) the column each gets, and the linear bound of what those who count can gain."""
    taken, bound = _take(steps, budget, counted)
    offer = np.full(n, NONE, dtype=np.int64)
    # Of a customer's steps the last one taken is the dearest: it stands.
    offer[steps.customer[taken]] = steps.offer[taken]
    return offer, bound


def _hulls(gain: FloatArray, cost: IntArray) -> _Steps:
    """From nothing up each customer's upper hull: always to the offer with the most gain for what
    it costs more, until none gains more. rate falls from step to step of a customer, exactly."""
    n = len(gain)
    everyone = np.arange(n)
    at_cost, at_gain, at_rate = np.zeros(n, dtype=np.int64), np.zeros(n), np.full(n, np.inf)
    found: list[tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray]] = []
    while len(everyone) and gain.shape[1]:
        more, dearer = gain[everyone] - at_gain[:, None], cost[everyone] - at_cost[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where((more > 0) & (dearer >= 0), more / dearer, -np.inf)
        # Among equal rates the one that gains most, so that no step lies inside another.
        best = np.where(rate == rate.max(axis=1)[:, None], more, -np.inf).argmax(axis=1)
        row = np.arange(len(everyone))
        up = rate[row, best] > -np.inf
        everyone, row, best = everyone[up], row[up], best[up]
        # On a straight hull rounding may say that the next step is the better one: it waits.
        at_rate = np.minimum(rate[row, best], at_rate[up])
        found.append((everyone, best, dearer[row, best], more[row, best], at_rate))
        at_cost, at_gain = cost[everyone, best], gain[everyone, best]
    columns = zip(*found, strict=True) if found else ([], [], [], [], [])
    customer, offer, extra, gained, falling = (np.concatenate([*column, []]) for column in columns)
    return _Steps(
        customer.astype(np.int64), offer.astype(np.int64), extra.astype(np.int64), gained, falling
    )


def _best_first(steps: _Steps) -> _Steps:
    # Stable: equal rates of one customer stay in the order of their steps.
    order = np.argsort(-steps.rate, kind="stable")
    return _Steps(
        steps.customer[order],
        steps.offer[order],
        steps.cost[order],
        steps.gain[order],
        steps.rate[order],
    )


def _take(steps: _Steps, budget: int, counted: BoolArray | None) -> tuple[IntArray, float]:
    """The steps taken, in order, and the linear bound."""
    counts = np.ones(len(steps.cost), dtype=bool) if counted is None else counted[steps.customer]
    spent = np.cumsum(steps.cost * counts)
    fits = int(np.searchsorted(spent, budget, side="right"))
    room = budget - (int(spent[fits - 1]) if fits else 0)
    bound = float((steps.gain * counts)[:fits].sum())
    taken = np.arange(fits)
    if fits == len(steps.cost):
        return taken, bound
    bound += float(steps.gain[fits]) * room / int(steps.cost[fits])
    # A control group costs nothing: what is filled in late would fill it in and nobody else.
    late = _late(steps, fits, room) if counted is None else taken[:0]
    return np.concatenate([taken, late]), bound


def _late(steps: _Steps, first: int, room: int) -> IntArray:
    """Steps after the first that did not fit which still do; nobody's step before their last."""
    stuck: set[int] = set()
    chosen: list[int] = []
    last = min(len(steps.cost), first + _LATE)
    window = zip(
        range(first, last),
        steps.customer[first:last].tolist(),
        steps.cost[first:last].tolist(),
        strict=True,
    )
    for step, customer, cost in window:
        if room <= 0:
            break
        if cost > room or customer in stuck:
            stuck.add(customer)
        else:
            chosen.append(step)
            room -= cost
    return np.array(chosen, dtype=np.int64)
