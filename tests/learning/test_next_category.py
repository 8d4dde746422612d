"""The category of the next order: counted as a plain reading does, and the better way is chosen."""

from collections import Counter

import numpy as np
import pytest

from retention.learning.churn.labels import DataShortage
from retention.learning.next_category import (
    HABIT,
    TREE,
    MainGroups,
    NextCategory,
    learn_next_category,
)
from retention.learning.panel import FloatArray, Kind, Panel
from retention.learning.segment.joining import NEVER, Grouped

GROUPS, DAYS = 3, 400


def _shop(*, turning: bool, customers: int = 400) -> Grouped:
    """Orders every 20 days or so: of the group after the last one, or a mixture of their own."""
    rng = np.random.default_rng(7)
    who, day, group = [], [], []
    for customer in range(customers):
        moments = np.sort(rng.uniform(0, DAYS, 20))
        liked = rng.integers(GROUPS)
        turns = (liked + np.arange(20)) % GROUPS
        mixed = rng.choice(GROUPS, 20, p=rng.dirichlet(np.ones(GROUPS)))
        who += [customer] * 20
        day += moments.tolist()
        group += (turns if turning else mixed).tolist()
    n = len(who)
    panel = Panel.of(
        n_customers=customers,
        customer=who,
        kind=np.full(n, Kind.PURCHASE),
        day=day,
        order=np.arange(n),
        category=group,
    )
    return Grouped(panel, panel.category, GROUPS)


def _learned(shop: Grouped) -> NextCategory | DataShortage:
    return learn_next_category(shop, horizon_days=40, rng=np.random.default_rng(1))


def _slowly(shop: Grouped, who: int, cut_off: float) -> FloatArray:
    """The facts of one customer, order by order; every order here is one line."""
    panel = shop.panel
    past = [
        (float(panel.second[i]) / 86_400, int(shop.group[i]))
        for i in range(len(panel))
        if panel.customer[i] == who and panel.second[i] < cut_off * 86_400
    ]
    orders = Counter(group for _, group in past)
    last = {group: day for day, group in sorted(past)}
    days = [np.ceil(cut_off - last[g]) if g in last else NEVER for g in range(GROUPS)]
    newest = [float(bool(past) and max(past)[1] == g) for g in range(GROUPS)]
    counts = [float(orders[g]) for g in range(GROUPS)]
    return np.array([*counts, *(n / max(len(past), 1) for n in counts), *days, *newest])


def test_the_facts_and_the_next_group_are_what_a_plain_reading_finds() -> None:
    shop = _shop(turning=True, customers=20)
    orders = MainGroups.of(shop)

    facts, following = orders.facts_at(60.0), orders.next_after(60.0, 30)

    for who in range(20):
        assert facts[who] == pytest.approx(_slowly(shop, who, 60.0)), who
        ahead = [
            i
            for i in np.flatnonzero(shop.panel.customer == who)
            if 60 <= shop.panel.second[i] / 86_400 < 90
        ]
        assert following[who] == (shop.group[ahead[0]] if ahead else -1)


def test_the_group_of_an_order_is_the_one_with_most_lines() -> None:
    panel = Panel.of(
        n_customers=1, customer=[0] * 4, kind=[Kind.PURCHASE] * 4, day=[1.0, 1.0, 1.0, 2.0],
        order=[5, 5, 5, 6], category=[1, 0, 1, -1],
    )  # fmt: skip

    orders = MainGroups.of(Grouped(panel, panel.category, 2))

    assert orders.group.tolist() == [1]


def test_the_tree_says_it_only_where_it_is_better_than_habit() -> None:
    turning, steady = _learned(_shop(turning=True)), _learned(_shop(turning=False))

    assert isinstance(turning, NextCategory)
    assert (turning.by, turning.over.below_zero) == (TREE, True)
    assert turning.right > 0.9
    assert isinstance(steady, NextCategory)
    assert (steady.by, steady.over.below_zero) == (HABIT, False)
    assert np.allclose(steady.probability(np.zeros((2, 4 * GROUPS))).sum(axis=1), 1)


def test_too_little_is_said() -> None:
    assert "needs 100 customers who ordered again" in str(
        _learned(_shop(turning=True, customers=9))
    )
