"""Of which group of products a customer's next order will mostly be."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from retention.learning.churn.labels import ChurnDefinition, DataShortage, plan_cut_offs
from retention.learning.measure.intervals import Estimate, bootstrap
from retention.learning.panel import SECONDS_A_DAY, FloatArray, IntArray, Kind, as_second
from retention.learning.segment.joining import NEVER, Grouped
from retention.learning.trees import Tree, pruned_tree, surprise

TREE, HABIT, POPULAR = "TREE", "HABIT", "POPULAR"
DRAWN: Final = (0.5, 2.0, 8.0, 32.0)
"""Orders' worth of what everyone buys, to which a customer's own shares are drawn."""
LEAST: Final = 100
"""So many next orders are needed in each window."""
_STEPS: Final = (1.0, 0.1, 1.0, 1.0)


@dataclass(frozen=True)
class NextCategory:
    """What says the next group best, and how it did on later orders.

    by : TREE only where its log loss is below the better of the others beyond its interval.
    over : that gap. right : share of later orders of the group that was said likeliest.
    """

    by: str
    tree: Tree
    drawn: float
    popular: FloatArray
    over: Estimate
    right: float
    n: int

    def probability(self, facts: FloatArray) -> FloatArray:
        """Of each group, (n, groups), from `facts_at`."""
        return self.said(facts)[self.by]

    def said(self, facts: FloatArray) -> dict[str, FloatArray]:
        """What each of the three ways says."""
        return {
            TREE: self.tree.probability(facts),
            HABIT: _habit(facts, self.popular, self.drawn),
            POPULAR: np.tile(self.popular, (len(facts), 1)),
        }


@dataclass(frozen=True)
class MainGroups:
    """Orders with a known group: who, when and of which group most lines are, (m,), in time."""

    customer: IntArray
    second: IntArray
    group: IntArray
    groups: int
    n_customers: int

    @classmethod
    def of(cls, events: Grouped) -> "MainGroups":
        """From the purchases; of two groups with as many lines the first."""
        panel = events.panel
        rows = np.flatnonzero((panel.kind == Kind.PURCHASE) & (events.group >= 0))
        _, first, place = np.unique(panel.order[rows], return_index=True, return_inverse=True)
        lines = np.zeros((len(first), max(events.groups, 1)))
        np.add.at(lines, (place, events.group[rows]), 1)
        second = panel.second[rows][first]
        by = np.argsort(second, kind="stable")
        return cls(
            customer=panel.customer[rows][first][by],
            second=second[by],
            group=lines.argmax(axis=1)[by],
            groups=events.groups,
            n_customers=panel.n_customers,
        )

    def facts_at(self, cut_off: float) -> FloatArray:
        """Of every customer (n, 4 groups): orders, share of them, days since, and whether last.

        Only orders before the cut-off are seen.
        """
        now = as_second(cut_off)
        past = slice(0, int(np.searchsorted(self.second, now)))
        who, what, when = self.customer[past], self.group[past], self.second[past]
        shape = (self.n_customers, self.groups)
        orders, last, newest = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        np.add.at(orders, (who, what), 1)
        last[who, what] = when  # In time: the newest is written last.
        known = orders.sum(axis=1) > 0
        newest[np.flatnonzero(known), last[known].argmax(axis=1)] = 1
        share = orders / np.maximum(orders.sum(axis=1, keepdims=True), 1)
        days = np.where(orders > 0, np.ceil((now - last) / SECONDS_A_DAY), NEVER)
        return np.hstack([orders, share, days, newest])

    def next_after(self, cut_off: float, days: int) -> IntArray:
        """The group of each customer's first order in so many days, (n,); -1 where none comes."""
        ends = np.array([as_second(cut_off), as_second(cut_off + days)])
        begin, end = np.searchsorted(self.second, ends).tolist()
        following = np.full(self.n_customers, -1)
        ahead = slice(begin, end)
        following[self.customer[ahead][::-1]] = self.group[ahead][::-1]
        return following


def learn_next_category(
    events: Grouped, *, horizon_days: int, rng: Generator
) -> NextCategory | DataShortage:
    """A tree, the customer's own shares and what everyone buys, on a later window than each saw."""
    if events.groups < 2:
        return DataShortage(("needs orders of two categories or more",))
    plan = plan_cut_offs(events.panel, ChurnDefinition(horizon_days=horizon_days), max_train=4)
    if isinstance(plan, DataShortage):
        return plan
    orders = MainGroups.of(events)
    seen = [_asked(orders, day, horizon_days) for day in (*plan.train, plan.choose, plan.test)]
    if (fewest := min(len(y) for _, y in seen)) < LEAST:
        return DataShortage((f"needs {LEAST} customers who ordered again, has {fewest}",))
    *train, choose, test = seen
    x, y = np.vstack([x for x, _ in train]), np.concatenate([y for _, y in train])
    popular = (np.bincount(y, minlength=orders.groups) + 1) / (len(y) + orders.groups)
    steps = np.repeat(_STEPS, orders.groups).tolist()
    learned = NextCategory(
        by=HABIT,
        tree=pruned_tree(x, y, *choose, classes=orders.groups, steps=steps),
        drawn=min(DRAWN, key=lambda k: surprise(_habit(choose[0], popular, k), choose[1]).mean()),
        popular=popular,
        over=Estimate(0, 0, 0),
        right=0,
        n=len(test[1]),
    )
    return _judged(learned, choose, test, rng)


Window = tuple[FloatArray, IntArray]


def _asked(orders: MainGroups, day: float, horizon_days: int) -> Window:
    """The facts of who had ordered and ordered again, and of which group that was."""
    facts, following = orders.facts_at(day), orders.next_after(day, horizon_days)
    rows = (following >= 0) & (facts[:, : orders.groups].sum(axis=1) > 0)
    return facts[rows], following[rows]


def _habit(facts: FloatArray, popular: FloatArray, drawn: float) -> FloatArray:
    orders = facts[:, : len(popular)]
    shares: FloatArray = (orders + drawn * popular) / (orders.sum(axis=1, keepdims=True) + drawn)
    return shares


def _judged(learned: NextCategory, choose: Window, test: Window, rng: Generator) -> NextCategory:
    """The simpler of the two simple ways is chosen on the earlier window, then the tree is held
    against it on the later one."""
    before = {by: surprise(p, choose[1]).mean() for by, p in learned.said(choose[0]).items()}
    simple = min((HABIT, POPULAR), key=before.__getitem__)
    said = learned.said(test[0])
    gap = surprise(said[TREE], test[1]) - surprise(said[simple], test[1])
    mean = {"gap": lambda weights: float(weights @ gap / weights.sum())}
    over = bootstrap(len(gap), mean, rng=rng)["gap"]
    by = TREE if over.below_zero else simple
    right = float((said[by].argmax(axis=1) == test[1]).mean())
    return NextCategory(by, learned.tree, learned.drawn, learned.popular, over, right, len(test[1]))
