"""A differencing attack on what is told of behaviour to who may not look customers up:
subtracting tells no small group."""

from datetime import UTC, datetime
from itertools import combinations, pairwise

import numpy as np

from retention.insights.analysis.affinity import Pair
from retention.insights.analysis.funnel import Funnel, Step
from retention.insights.analysis.ordering import Cohort, Cohorts, Found
from retention.insights.analysis.telling import (
    told_cohorts,
    told_funnel,
    told_pair,
    told_pair_table,
)
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


def attacked(cohorts: Cohorts, told: list[list[bool]]) -> list[float]:
    """What elimination finds from what is told, its shares, and each month's sums as the lifecycle
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
        if told[i][month - i]:
            share = cohorts.cohorts[i].ordered[month - i].count / max(cohorts.cohorts[i].size, 1)
            known += [unit[i, month], unit[i, month] - share * unit[i, i]]
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
        found = attacked(cohorts, told_cohorts(cohorts)[0])

        assert not any(map(is_small, found))


def test_cell_by_cell_it_would() -> None:
    rng = np.random.default_rng(4)
    found = [
        count
        for cohorts in (some_cohorts(rng) for _ in range(ROUNDS))
        for count in attacked(cohorts, cell_by_cell(cohorts))
    ]

    assert sum(map(is_small, found)) > 50


def cell_by_cell(cohorts: Cohorts) -> list[list[bool]]:
    return [[not is_small(found.count) for found in one.ordered] for one in cohorts.cohorts]


def test_no_difference_of_two_steps_is_small() -> None:
    rng = np.random.default_rng(5)
    for _ in range(ROUNDS):
        falling = np.sort(rng.integers(0, 80, 5))[::-1].tolist()

        told = told_funnel(funnel_of(falling))

        said = [n for n, (reached, _) in zip(falling, told, strict=True) if reached]
        lost = [a - b for (a, b), (_, may) in zip(pairwise(falling), told[1:], strict=True) if may]
        assert not any(is_small(a - b) for a, b in combinations(said, 2))
        assert not any(is_small(count) for count in [*said, *lost])


def funnel_of(falling: list[int]) -> Funnel:
    lost = [None, *(Found(a - b, {}) for a, b in pairwise(falling))]
    steps = [Step("seen", Found(n, {}), gone) for n, gone in zip(falling, lost, strict=True)]
    return Funnel(30, steps, [], None)


def test_beside_the_buyers_of_two_categories_no_group_and_no_lift_tells_a_small_one() -> None:
    both, first, second, neither = (Found(n, {}) for n in (40, 7, 60, 500))
    pair = Pair("Tea", "Mugs", Estimate(1.5, 1.2, 1.9), both, first, second, neither)

    assert not told_pair(pair)
    assert told_pair_table(pair) == [[False] * 2 + [True], [False] * 2 + [True], [True] * 3]
