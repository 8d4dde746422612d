"""Who, not in a segment now, comes into it within some days: a tree that is read and is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from retention.learning.churn.labels import ChurnDefinition, DataShortage, plan_cut_offs
from retention.learning.measure.classification import Quality, assess
from retention.learning.orders import whole_sums
from retention.learning.panel import (
    SECONDS_A_DAY,
    BoolArray,
    FloatArray,
    IntArray,
    Kind,
    Panel,
    as_second,
)
from retention.learning.trees import Tree, pruned_tree

NEVER: Final = 36_500.0
"""Days of silence, or between orders, of whom has not ordered so far, or not twice."""
NOT_YET: Final = -1.0
"""Days as a customer of whom has not ordered so far."""
FACTS: Final = {
    "silent_days": 1.0,
    "customer_days": 1.0,
    "gap_days": 1.0,
    "orders_30": 1.0,
    "orders_90": 1.0,
    "orders_365": 1.0,
    "spend_90": 100.0,
    "spend_365": 100.0,
    "views_30": 1.0,
    "returns_365": 1.0,
}
"""What a tree may ask about, and in which steps; further columns count orders with a group of
products. Days of silence and between orders are rounded up, days as a customer down."""
LEAST_TRAIN, LEAST_LATER = 50, 20
"""So many have to have come into it in training, and in each later window."""
YEAR = 365
Inside = Callable[[float], BoolArray]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Grouped:
    """Events, each with a group of products. group : (n,) from 0 to groups - 1, -1 for none."""

    panel: Panel
    group: IntArray
    groups: int = 0


@dataclass(frozen=True)
class Seen:
    """The customers known at a cut-off who were not in the segment.

    customers : (n,) rows of the panel. facts : (n, m). joined : (n,) in it a horizon later.
    """

    customers: IntArray
    facts: FloatArray
    joined: BoolArray


@dataclass(frozen=True)
class Joining:
    """A tree, and what became of customers of a later window at each of its nodes.

    quality : on that window.
    n, joined : (k,) customers of that window who pass each node, and how many of them joined.
    """

    tree: Tree
    quality: Quality
    n: IntArray
    joined: IntArray

    @property
    def tells(self) -> bool:
        """Whether it ranks customers better than chance: the interval of AUC lies above a half."""
        return len(self.tree.feature) > 1 and self.quality.auc.low > 0.5


def learn_joining(
    events: Grouped,
    inside: Inside,
    *,
    horizon_days: int,
    rng: Generator,
    progress: Progress,
) -> Joining | DataShortage:
    """Grow on several cut-offs, prune on a later one, judge on the latest whose outcome is known.

    inside : who is in the segment on a day, (n_customers,).
    """
    plan = plan_cut_offs(events.panel, ChurnDefinition(horizon_days=horizon_days), max_train=4)
    if isinstance(plan, DataShortage):
        return plan
    seen: list[Seen] = []
    for day in (*plan.train, plan.choose, plan.test):
        progress(len(seen), len(plan.train) + 3, "Looking back")
        seen.append(_seen(events, inside, day, day + horizon_days))
    *train, choose, test = seen
    x, y = np.vstack([s.facts for s in train]), np.concatenate([s.joined for s in train])
    if shortage := _shortage(y, choose, test):
        return shortage
    steps = (*FACTS.values(), *(1.0,) * events.groups)
    labels = y.astype(np.int64), choose.joined.astype(np.int64)
    tree = pruned_tree(x, labels[0], choose.facts, labels[1], classes=2, steps=steps)
    said = tree.probability(test.facts)[:, 1]
    passed = tree.reached(test.facts)
    return Joining(
        tree=tree,
        quality=assess(test.joined, said, rng=rng),
        n=passed.sum(axis=0),
        joined=passed[test.joined].sum(axis=0),
    )


def facts_of(events: Grouped, *, cut_off: float) -> FloatArray:
    """The facts (n_customers, m) of FACTS, and the orders of a year with each group of products.

    Only events before the cut-off are seen. One pass over the events a fact.
    """
    rows = np.flatnonzero(events.panel.second < as_second(cut_off))
    past = _Past(events.panel, rows, as_second(cut_off))
    first, last, orders = past.orders_so_far()
    once, twice = orders > 0, orders > 1
    day = float(SECONDS_A_DAY)
    columns = [
        np.where(once, np.ceil((past.now - last) / day), NEVER),
        np.where(once, (past.now - first) / day, NOT_YET),
        np.where(twice, np.ceil((last - first) / day / np.maximum(orders - 1, 1)), NEVER),
        *(past.orders(past.bought & past.within(days)) for days in (30, 90, YEAR)),
        *(past.spend(past.bought & past.within(days)) for days in (90, YEAR)),
        past.count((past.kind == Kind.VIEW) & past.within(30)),
        past.count((past.kind == Kind.RETURN) & past.within(YEAR)),
    ]
    lately, of = past.bought & past.within(YEAR), events.group[rows]
    columns += [past.orders(lately & (of == one)) for one in range(events.groups)]
    return np.column_stack(columns).astype(np.float64)


def known_at(panel: Panel, *, cut_off: float) -> BoolArray:
    """Of whom anything is known before a cut-off, (n_customers,)."""
    before = panel.customer[panel.second < as_second(cut_off)]
    return np.bincount(before, minlength=panel.n_customers) > 0


class _Past:
    """The events before a cut-off."""

    def __init__(self, panel: Panel, rows: IntArray, now: int) -> None:
        self.n, self.now = panel.n_customers, now
        self.customer, self.kind = panel.customer[rows], panel.kind[rows]
        self.second, self.order = panel.second[rows], panel.order[rows]
        self.amount = panel.amount[rows]
        self.bought = self.kind == Kind.PURCHASE

    def within(self, days: int) -> BoolArray:
        recent: BoolArray = self.second >= self.now - days * SECONDS_A_DAY
        return recent

    def count(self, rows: BoolArray) -> IntArray:
        return np.bincount(self.customer[rows], minlength=self.n)

    def orders(self, rows: BoolArray) -> IntArray:
        """Different orders of each customer among these purchases."""
        _, first = np.unique(self.order[rows], return_index=True)
        return np.bincount(self.customer[rows][first], minlength=self.n)

    def spend(self, rows: BoolArray) -> FloatArray:
        spent = whole_sums(self.customer[rows], self.amount[rows], self.n)
        return spent.astype(np.float64)

    def orders_so_far(self) -> tuple[IntArray, IntArray, IntArray]:
        """Second of the first and of the last purchase, and how many orders, (n,) each."""
        who, when = self.customer[self.bought], self.second[self.bought]
        first, last = np.full(self.n, self.now), np.zeros(self.n, dtype=np.int64)
        np.minimum.at(first, who, when)
        np.maximum.at(last, who, when)
        return first, last, self.orders(self.bought)


def _seen(events: Grouped, inside: Inside, day: float, later: float) -> Seen:
    rows = np.flatnonzero(known_at(events.panel, cut_off=day) & ~inside(day))
    facts = facts_of(events, cut_off=day)
    return Seen(rows, facts[rows], inside(later)[rows])


def _shortage(joined: BoolArray, choose: Seen, test: Seen) -> DataShortage | None:
    counted = (
        ("to learn from", int(joined.sum()), LEAST_TRAIN),
        ("in the window after it", int(choose.joined.sum()), LEAST_LATER),
        ("in the newest window", int(test.joined.sum()), LEAST_LATER),
    )
    missing = [
        f"needs {least} customers who came into it {where}, has {there}"
        for where, there, least in counted
        if there < least
    ]
    stayed = int((~test.joined).sum())
    if stayed < LEAST_LATER:
        missing.append(f"needs {LEAST_LATER} who stayed out of it, has {stayed}")
    return DataShortage(tuple(missing)) if missing else None
