"""Numbers of people: what is small is hidden, and no arithmetic brings it back."""

import numpy as np
import pytest

from retention.present.groups import FEWEST, at_least_few, told_cells, told_steps

ROUNDS = 300


def random_tables() -> list[np.ndarray]:
    """Tables as they occur: many empty and small cells, a few large ones."""
    rng = np.random.default_rng(3)
    shapes = [(int(rng.integers(2, 8)), int(rng.integers(2, 8))) for _ in range(ROUNDS)]
    return [rng.negative_binomial(0.6, rng.uniform(0.01, 0.1), shape) for shape in shapes]


def recovered(counts: np.ndarray, told: np.ndarray) -> int:
    """Hidden cells that follow from the sums of rows and columns, by elimination."""
    hidden = np.argwhere(~told)
    sums = np.zeros((sum(counts.shape), len(hidden)))
    for n, (row, column) in enumerate(hidden):
        sums[row, n] = sums[counts.shape[0] + column, n] = 1
    rank = np.linalg.matrix_rank(sums)
    return sum(
        np.linalg.matrix_rank(np.vstack([sums, np.eye(len(hidden))[n]])) == rank
        for n in range(len(hidden))
    )


def test_fewer_than_ten_are_told_as_few_and_nobody_as_nobody() -> None:
    told = [at_least_few(count) for count in (0, 1, FEWEST - 1, FEWEST, 1234)]

    assert told == ["0", "<10", "<10", "10", "1,234"]


def test_no_hidden_cell_follows_from_the_sums() -> None:
    for counts in random_tables():
        told = np.array(told_cells(counts.tolist()))

        assert not (told & (counts > 0) & (counts < FEWEST)).any()
        assert recovered(counts, told) == 0


def test_without_the_cover_they_would() -> None:
    found = [recovered(counts, (counts == 0) | (counts >= FEWEST)) for counts in random_tables()]

    assert sum(found) > 100


def test_what_is_hidden_in_a_line_comes_to_ten_together() -> None:
    assert told_cells([[4, 5, 80], [30, 40, 50], [60, 70, 90]])[0] == [False, False, False]


def test_a_table_without_small_groups_is_told_whole() -> None:
    assert told_cells([[10, 0], [0, 25]]) == [[True, True], [True, True]]


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
