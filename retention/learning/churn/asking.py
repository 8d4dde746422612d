"""Questions to a churn model about one customer: what if, what is the least, and against another.

What the model looks at, not what a coupon would do: an answer says how the model would judge such
a customer, not that somebody who is made so would stay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import isnan, log, nan
from typing import Final

import numpy as np

from retention.learning.churn.features import USUAL_VISIT_GAP
from retention.learning.churn.following import (
    SPECS,
    STARS,
    changed,
    least_step,
    possible,
    refuse_unknown,
)
from retention.learning.churn.following_orders import Facts
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.one_customer import OneCustomer
from retention.learning.churn.reasons import Reason
from retention.learning.churn.wording_visits import BEHAVIOUR
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray

HOPED: Final = (
    "days_since_last_order",
    "orders_30",
    "orders_90",
    "average_order",
    "returned_share",
    "products_365",
    "categories_365",
    "lines_an_order",
    "days_since_last_visit",
    "visit_days_30",
    "views_30",
    "carts_30",
    "last_rating",
)
"""Facts that a shop could hope to change; nobody changes since when somebody is a customer."""
MOST: Final = len(HOPED)
"""The pairs, and so the time, grow with the square of how many facts may change."""
_FINEST: Final = 200
_SHOWN: Final = 6


@dataclass(frozen=True)
class Judged:
    """What the model says of a customer. base + reasons' effects + rest = log_odds."""

    facts: Facts
    probability: float
    log_odds: float
    base: float
    reasons: tuple[Reason, ...]

    @property
    def rest(self) -> float:
        """What everything that is no reason adds."""
        return self.log_odds - self.base - sum(reason.effect for reason in self.reasons)


@dataclass(frozen=True)
class Step:
    """One fact, before and after. asked : by whom asks, else it followed."""

    feature: str
    before: float
    after: float
    asked: bool


@dataclass(frozen=True)
class Smallest:
    """The least change of one fact, else two, that brings the probability below the target.

    changes : empty where it is below already. size : the sum of the moves, each as a share of the
    way from the lowest to the highest knot of the fact's curve.
    """

    changes: Facts
    judged: Judged
    size: float


@dataclass(frozen=True)
class Difference:
    """One fact of two customers; the effects of all add up to the difference of log-odds."""

    feature: str
    mine: float
    theirs: float
    effect: float


def judge(
    model: ChurnModel, facts: Facts, *, money: Callable[[float], str] | None = None
) -> Judged:
    """The probability of a customer with these facts, and why."""
    table = _table([facts])
    return Judged(
        facts=facts,
        probability=float(model.probability(table)[0]),
        log_odds=float(model.log_odds(table)[0]),
        base=model.base,
        reasons=model.reasons(table, k=_SHOWN, money=money)[0],
    )


def effects(model: ChurnModel, facts: Facts) -> Facts:
    """What each fact alone adds to the base; with it they sum to the log-odds."""
    added = model.contributions(_table([facts]))[0]
    return dict(zip(model.features, added.tolist(), strict=True))


def steps(was: Facts, now: Facts, asked: Facts) -> list[Step]:
    """What is different, the asked first. Facts that are nan before and after are not."""
    moved = [n for n in SPECS if was[n] != now[n] and not (isnan(was[n]) and isnan(now[n]))]
    moved.sort(key=lambda name: name not in asked)
    return [Step(name, was[name], now[name], name in asked) for name in moved]


def compare(model: ChurnModel, mine: Facts, theirs: Facts) -> list[Difference]:
    """What sets two customers apart for the model, the strongest first, mine minus theirs."""
    effect = model.contributions(_table([mine, theirs]))
    gap = effect[0] - effect[1]
    told = [
        Difference(name, mine[name], theirs[name], float(g))
        for name, g in zip(model.features, gap, strict=True)
    ]
    return sorted((d for d in told if d.effect), key=lambda d: -abs(d.effect))


def stars_of(model: ChurnModel) -> tuple[float, float]:
    """From what to what customers of the shop rate: 1 to 5, or as far as the model saw it go."""
    seen = model.curve("last_rating")[0] if "last_rating" in model.features else np.zeros(1)
    low, high = STARS
    return (min(low, float(seen[0])), max(high, float(seen[-1]))) if seen[-1] else STARS


def smallest_change(
    model: ChurnModel,
    who: OneCustomer,
    *,
    below: float,
    asked: Facts | None = None,
    among: Sequence[str] = HOPED,
    money: Callable[[float], str] | None = None,
) -> Smallest | None:
    """The least change that brings the probability below a target, or None where nothing does.

    asked : what is changed already; the least is looked for from there on.
    One fact is looked at in the steps a person would name; two facts at the knots of their curves.
    Some thousand customers are tried, about a second where nothing is enough. among : at most MOST.
    Raises UnknownFact, and ValueError for a target that is no probability.
    """
    if not 0 < below < 1:
        raise ValueError(f"The target must lie between 0 and 1, got {below:g}.")
    refuse_unknown(tuple(among))
    question = _Question(model, who, asked or {})
    now = judge(model, question.facts, money=money)
    if now.probability < below:
        return Smallest({}, now, 0.0)
    among = [name for name in dict.fromkeys(among) if name in model.features]
    target = log(below / (1 - below))
    for tried in (_singles(model, among), _pairs(model, among)):
        best = question.least(list(tried), target)
        if best is not None:
            said = judge(model, question.changed(best), money=money)
            return Smallest(best, said, question.size(best))
    return None


def _singles(model: ChurnModel, among: Sequence[str]) -> Iterator[Facts]:
    for name in among:
        for value in fine_values(model, name):
            yield {name: value}


def _pairs(model: ChurnModel, among: Sequence[str]) -> Iterator[Facts]:
    for one, other in combinations(among, 2):
        sides = (coarse_values(model, one), coarse_values(model, other))
        for first, second in product(*sides):
            yield {one: first, other: second}


def fine_values(model: ChurnModel, name: str) -> list[float]:
    """The values of a fact that are tried alone: the steps a person would name."""
    knots, step = model.curve(name)[0], least_step(SPECS[name])
    low, high = float(max(knots[0], 0.0)), float(knots[-1])
    if not step:
        return sorted({_named(value) for value in np.linspace(low, high, _FINEST)})
    step *= max(1, round((high - low) / step / _FINEST))
    first, last = round(low / step), round(high / step)
    return [round(k * step, 6) for k in range(first, last + 1)]


def coarse_values(model: ChurnModel, name: str) -> list[float]:
    """The values of a fact that are tried together with another's: its knots, as one says them."""
    knots, step = model.curve(name)[0], least_step(SPECS[name])
    said = [round(round(k / step) * step, 6) if step else _named(k) for k in knots if k >= 0]
    return sorted(set(said))


def _named(minor: float) -> float:
    """An amount as one says it: two leading digits."""
    return float(f"{minor:.1e}")


class _Question:
    """A customer with some facts asked already, of whom more are tried."""

    def __init__(self, model: ChurnModel, who: OneCustomer, asked: Facts) -> None:
        self.model, self.who, self.asked = model, who, asked
        self.stars = stars_of(model)
        self.facts = self.changed({})

    def changed(self, more: Facts) -> Facts:
        return changed(self.who, self.asked | more, stars=self.stars)

    def least(self, tried: list[Facts], target: float) -> Facts | None:
        moving = [m for m in tried if all(self.facts[name] != value for name, value in m.items())]
        found = [possible(self.who, self.asked | more, stars=self.stars) for more in moving]
        known = [facts for facts in found if facts is not None]
        if not known:
            return None
        can = [more for more, facts in zip(moving, found, strict=True) if facts is not None]
        enough = np.flatnonzero(self.model.log_odds(_table(known)) < target)
        sizes = [(self.size(can[i]), i) for i in enough.tolist()]
        return can[min(sizes)[1]] if sizes else None

    def size(self, more: Facts) -> float:
        moved = more.items()
        return sum(_way(self.model.curve(n)[0], self.facts[n], value) for n, value in moved)


def _way(knots: FloatArray, before: float, after: float) -> float:
    """How far a fact moved on the scale of its knots, 0 to 1; from not known it is the whole way.

    Beyond the outer knots a day counts next to nothing, so that of equals the nearer comes first.
    """
    if isnan(before):
        return 1.0
    at = np.linspace(0.0, 1.0, len(knots))
    moved = abs(np.interp(after, knots, at) - np.interp(before, knots, at))
    return float(moved) + 1e-9 * abs(after - before) / (1.0 + abs(before))


def _table(rows: Sequence[Facts]) -> FeatureTable:
    values = np.array([[facts[spec.name] for spec in BEHAVIOUR] for facts in rows])
    gaps = np.array([facts.get(USUAL_VISIT_GAP, nan) for facts in rows])
    return FeatureTable(values, np.arange(len(rows)), BEHAVIOUR, {USUAL_VISIT_GAP: gaps})
