"""A differencing attack on what the API says of behaviour: subtracting tells no small group."""

from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from retention.insights.analysis.affinity import Pair
from retention.insights.analysis.funnel import Funnel, Step
from retention.insights.analysis.ordering import Cohort, Cohorts, Found
from retention.insights.analysis.telling import told_cohorts
from retention.insights.api.affinity import pair_shown
from retention.insights.api.analysis import cohorts_shown, funnel_shown
from retention.learning.measure.intervals import Estimate
from retention.present.groups import FEWEST

ROUNDS = 60
MONTH = datetime(2026, 1, 1, tzinfo=UTC)


def is_small(count: float) -> bool:
    return 0 < round(abs(count)) < FEWEST


def some_cohorts(rng: np.random.Generator) -> Cohorts:
    """A shop's first months: nobody ordered before them."""
    months = int(rng.integers(2, 6))
    sizes = rng.integers(0, 60, months)
    lines = [
        [int(size), *map(int, rng.binomial(size, rng.uniform(0.05, 0.95), months - 1 - i))]
        for i, size in enumerate(sizes)
    ]
    return Cohorts(
        [Cohort(MONTH, [Found(count, {}) for count in line]) for line in lines], [0] * months
    )


def attacked(cohorts: Cohorts, answer: list[dict[str, Any]]) -> list[float]:
    """What elimination finds from the answer, its shares, and each month's sums as the lifecycle
    tells them: of every cell, and of those of a cohort who are not in it, the counts."""
    places = [(i, i + n) for i, one in enumerate(cohorts.cohorts) for n in range(len(one.ordered))]
    true = np.array([cohorts.cohorts[i].ordered[month - i].count for i, month in places], float)
    unit = dict(zip(places, np.eye(len(places)), strict=True))
    known = [
        np.sum([unit[place] for place in places if place[1] == month > place[0]], axis=0)
        for month, may in enumerate(told_cohorts(cohorts)[1])
        if month and may
    ]
    for i, month in places:
        cell = answer[i]["ordered"][month - i]
        if cell["count"] is not None:
            known.append(unit[i, month])
        if cell["share"] is not None:
            known.append(unit[i, month] - cell["share"] * unit[i, i])
    wanted = [*unit.values(), *(unit[i, i] - unit[i, m] for i, m in places if m > i)]
    rank = np.linalg.matrix_rank(np.array(known))
    return [
        float(one @ true)
        for one in wanted
        if np.linalg.matrix_rank(np.vstack([*known, one])) == rank
    ]


def test_no_small_part_of_a_cohort_follows_from_the_answer() -> None:
    rng = np.random.default_rng(4)
    for cohorts in (some_cohorts(rng) for _ in range(ROUNDS)):
        found = attacked(cohorts, cohorts_shown(cohorts))

        assert not any(map(is_small, found))


def test_cell_by_cell_it_would() -> None:
    rng = np.random.default_rng(4)
    found = [
        count
        for cohorts in (some_cohorts(rng) for _ in range(ROUNDS))
        for count in attacked(cohorts, cell_by_cell(cohorts))
    ]

    assert sum(map(is_small, found)) > 50


def cell_by_cell(cohorts: Cohorts) -> list[dict[str, Any]]:
    return [
        {
            "ordered": [
                {"count": None if is_small(found.count) else found.count, "share": None}
                for found in one.ordered
            ]
        }
        for one in cohorts.cohorts
    ]


def test_no_difference_of_two_steps_is_small() -> None:
    rng = np.random.default_rng(5)
    for _ in range(ROUNDS):
        falling = np.sort(rng.integers(0, 80, 5))[::-1].tolist()

        shown = funnel_shown(funnel_of(falling))["steps"]

        said = [step["reached"]["count"] for step in shown]
        lost = [step["lost"]["count"] for step in shown if step["lost"]]
        two = combinations([count for count in said if count is not None], 2)
        assert not any(is_small(a - b) for a, b in two)
        assert not any(is_small(count) for count in [*said, *lost] if count is not None)


def funnel_of(falling: list[int]) -> Funnel:
    lost = [None, *(Found(a - b, {}) for a, b in pairwise(falling))]
    steps = [Step("seen", Found(n, {}), gone) for n, gone in zip(falling, lost, strict=True)]
    return Funnel(30, steps, [], None)


def test_beside_the_buyers_of_two_categories_no_group_and_no_lift_tells_a_small_one() -> None:
    both, first, second, neither = (Found(n, {}) for n in (40, 7, 60, 500))
    pair = Pair("Tea", "Mugs", Estimate(1.5, 1.2, 1.9), both, first, second, neither)

    shown = pair_shown(pair)

    groups = ("both", "only_first", "only_second", "neither")
    assert [shown[name]["count"] for name in groups] == [None] * 4
    assert (shown["lift"], shown["is_beyond_chance"]) == (None, None)
