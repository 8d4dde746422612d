"""Whom to write to first while no experiment has said whom it helps: not yet causal.

Highest risk first was worse than random in one public experiment (Hillstrom, men's mail against
none) and no better in the other: who is almost certainly gone does not come back for a coupon. So
risk is multiplied by value and by a stated guess of the response, until measured uplift replaces
the guess.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.panel import FloatArray, IntArray

NOT_YET_CAUSAL: Final = (
    "Ranked by risk x value x an assumed response, not by measured effect: not yet causal."
)


@dataclass(frozen=True)
class ResponsePrior:
    """Of the customers who would be lost, the share an offer keeps: an assumption, stated.

    It falls in a straight line from `at_no_risk` to `at_full_risk`: the surer the loss, the less
    an offer changes. With 10% and 2% the customers kept per offer, risk x response, rise to
    3.1% at a risk of 0.63 and fall again; from 0.4 to 0.9 they differ little, as the effects of
    mail did in Hillstrom's test, so that among customers at risk value decides.
    """

    at_no_risk: float = 0.10
    at_full_risk: float = 0.02

    def __post_init__(self) -> None:
        """Refuse what is no pair of falling shares."""
        if not 0 <= self.at_full_risk <= self.at_no_risk <= 1:
            raise ValueError(
                "A response falls from at_no_risk to at_full_risk, both from 0 to 1, got "
                f"{self.at_no_risk} and {self.at_full_risk}."
            )

    def of(self, risk: FloatArray) -> FloatArray:
        """Share kept at each risk, (n,)."""
        return self.at_no_risk + (self.at_full_risk - self.at_no_risk) * risk


def priority(
    *, risk: FloatArray, value: FloatArray, prior: ResponsePrior | None = None
) -> FloatArray:
    """Expected money saved by an offer, by which to rank inside a band, (n,).

    risk : (n,) probability of being lost, 0 to 1.
    value : (n,) minor units expected in the coming year; unknown or negative counts as nothing.
    """
    outside = ~((risk >= 0) & (risk <= 1))
    if outside.any():
        raise ValueError(f"Risks are probabilities; the first that is none is {risk[outside][0]}.")
    response = (prior or ResponsePrior()).of(risk)
    saved: FloatArray = risk * np.maximum(np.nan_to_num(value), 0.0) * response
    return saved


@dataclass(frozen=True)
class Selection:
    """Who gets an offer.

    rows : (s,) best first. committed : the worst case of all of them together, minor units.
    unaffordable : worth an offer, but the budget was spent.
    """

    rows: IntArray
    committed: int
    unaffordable: int


def select_under_budget(
    score: FloatArray, worst_cost: IntArray, *, budget: int, most: int | None = None
) -> Selection:
    """Greedily the best score for the money, never committing more than the budget.

    score : (n,) expected gain; who has none, or nan, gets no offer.
    worst_cost : (n,) minor units an offer costs at most. budget : minor units. most : offers.
    Ties go to the lower row. Greedy by score per cost is within one offer of the best selection;
    with equal costs it is the best. A million customers take about 0.3 s.
    """
    if budget < 0 or (len(worst_cost) and worst_cost.min() < 0):
        raise ValueError(f"Costs and budget are never negative, got a budget of {budget}.")
    worth = np.flatnonzero(score > 0)
    per_cost = score[worth] / np.maximum(worst_cost[worth], 1)
    order = worth[np.argsort(-per_cost, kind="stable")]
    limit = len(order) if most is None else most
    rows = _affordable(order, worst_cost, budget, limit)
    left = 0 if len(rows) == limit else len(order) - len(rows)
    return Selection(rows=rows, committed=int(worst_cost[rows].sum()), unaffordable=left)


def _affordable(order: IntArray, cost: IntArray, budget: int, limit: int) -> IntArray:
    """Walk down the order, stepping over what no longer fits."""
    chosen: list[IntArray] = []
    room, places = budget, limit
    while len(order) and places > 0:
        # Nothing that costs more than what is left can still be chosen.
        order = order[cost[order] <= room]
        fits = int(np.searchsorted(np.cumsum(cost[order]), room, side="right"))
        taken = order[: min(fits, places)]
        chosen.append(taken)
        room -= int(cost[taken].sum())
        places -= len(taken)
        order = order[fits:]
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)
