"""Numbers of people: what is small is hidden, and no arithmetic brings it back."""

import numpy as np
import pytest
from scipy.optimize import linprog

from retention.present.groups import FEWEST, at_least_few, told_cells, told_steps, with_sums

ROUNDS = 60


def random_tables() -> list[np.ndarray]:
    """Tables as they occur: many empty and small cells, a few large ones."""
    rng = np.random.default_rng(3)
    shapes = [(int(rng.integers(2, 8)), int(rng.integers(2, 8))) for _ in range(ROUNDS)]
    return [rng.negative_binomial(0.6, rng.uniform(0.01, 0.1), shape) for shape in shapes]


def attacked(counts: np.ndarray, told: np.ndarray) -> list[tuple[int, float, float]]:
    """Of each hidden number, what rows, columns and the whole leave of it: itself, least, most.

    By linear programming: each line of the table with its sums adds up, and nobody is negative.
    """
    table = np.array(with_sums(counts.tolist()))
    hidden = np.argwhere(~told)
    sign = np.where(np.arange(table.shape[0])[:, None] == counts.shape[0], -1, 1)
    across = np.where(np.arange(table.shape[1])[None, :] == counts.shape[1], -1, 1)
    lines, known = [], []
    for axis, signs in ((0, across), (1, sign)):
        for line in range(table.shape[axis]):
            here = hidden[:, axis] == line
            weight = np.broadcast_to(signs, table.shape)
            lines.append(np.where(here, weight[tuple(hidden.T)], 0))
            shown = np.where(told, table * weight, 0)
            known.append(-shown.sum(axis=1 - axis)[line])
    found = []
    for n, place in enumerate(hidden):
        goal = np.eye(len(hidden))[n]
        low = linprog(goal, A_eq=lines, b_eq=known).fun or 0.0
        high = -(linprog(-goal, A_eq=lines, b_eq=known).fun or 0.0)
        found.append((int(table[tuple(place)]), low, high))
    return found


def test_fewer_than_ten_are_told_as_few_and_nobody_as_nobody() -> None:
    told = [at_least_few(count) for count in (0, 1, FEWEST - 1, FEWEST, 1234)]

    assert told == ["0", "<10", "<10", "10", "1,234"]


def test_no_small_number_follows_from_rows_columns_and_the_whole() -> None:
    for counts in random_tables():
        told = np.array(told_cells(counts.tolist()))
        table = np.array(with_sums(counts.tolist()))

        assert not (told & (table > 0) & (table < FEWEST)).any()
        small = [(low, high) for n, low, high in attacked(counts, told) if 0 < n < FEWEST]
        assert [ends for ends in small if ends[1] - ends[0] < 1] == []
        inside = ~told[:-1, :-1]
        assert not told[-1, -1] or not 0 < counts[inside].sum() < FEWEST


def test_without_the_cover_they_would() -> None:
    found = 0
    for counts in random_tables():
        table = np.array(with_sums(counts.tolist()))
        attack = attacked(counts, (table == 0) | (table >= FEWEST))
        found += sum(high - low < 1 for _, low, high in attack)

    assert found > 20


def test_what_is_hidden_in_a_line_comes_to_ten_together() -> None:
    assert told_cells([[4, 5, 80], [30, 40, 50], [60, 70, 90]])[0][:2] == [False, False]


def test_one_person_beside_a_dozen_is_not_what_the_whole_leaves() -> None:
    assert told_cells([[12, 0, 0], [0, 1, 0], [0, 0, 0]])[0][0] is False


def test_what_is_not_needed_in_the_end_is_told() -> None:
    table = [
        [0, 2, 7, 70, 110],
        [5, 20, 40, 66, 60],
        [60, 146, 147, 125, 80],
        [30, 87, 61, 58, 30],
        [50, 84, 66, 9, 20],
        [150, 80, 98, 73, 0],
    ]

    told = told_cells(table)

    assert sum(not may for row in told for may in row) == 10
    assert all(told[2] + told[5] + told[6])


def test_a_table_without_small_groups_is_told_whole() -> None:
    assert told_cells([[10, 0], [0, 25]]) == [[True] * 3] * 3


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([50, 40, 30], [True, True, True]),
        ([50, 45, 30], [False, True, True]),
        ([50, 35, 5], [True, True, False]),
        ([12, 12, 0, 0], [True, True, True, True]),
        ([19, 9], [True, False]),
        ([], []),
    ],
)
def test_of_groups_inside_each_other_no_small_difference_is_told(
    counts: list[int], told: list[bool]
) -> None:
    assert told_steps(counts) == told
