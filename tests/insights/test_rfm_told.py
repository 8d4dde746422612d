"""An attack on all that the page of RFM tells to whoever may not look customers up: linear
programming over the grid, the months and who moved pins no hidden number."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

import numpy as np
import pytest
from scipy.optimize import linprog

from retention.insights.models.rfm import LETTERS, NOT_YET
from retention.insights.months import MONTHS
from retention.insights.rfm import BANDS, RECENCIES, Grid, GridCell, Months
from retention.insights.rfm_told import RfmTold, told_rfm
from retention.learning.segment.rfm import RfmName, segment_of
from retention.present.groups import FEWEST, is_told, told_cells, with_sums

NAMES = [str(name) for name in RfmName]
NEW = len(NAMES)
SHOPS = [(60, 1), (250, 2), (480, 3), (900, 4)]


@dataclass
class Shop:
    grid: Grid
    months: Months


def a_shop(size: int, seed: int) -> Shop:
    """Most keep their name from month to month; some have not ordered before one."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, 6, (size, 3)).tolist()
    histories: Counter[str] = Counter()
    for r, f, m in scores:
        letters = [LETTERS[segment_of(r, (f + m) / 2)]]
        known = int(rng.geometric(0.03))
        for back in range(1, MONTHS):
            moves = rng.random() < 0.1
            letter = "ABCDEFGHIJK"[rng.integers(11)] if moves else letters[-1]
            letters.append(letter if back < known else NOT_YET)
        histories["".join(letters[::-1])] += 1
    rows = [[_cell(scores, recency, *band) for recency in RECENCIES] for band in BANDS]
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, MONTHS + 1)]
    return Shop(Grid(moments[-1], size, rows), Months(list(histories.items()), moments))


def _cell(scores: list[list[int]], recency: int, low: float, high: float) -> GridCell:
    inside = [1 for r, f, m in scores if r == recency and low <= (f + m) / 2 <= high]
    return GridCell(recency, low, high, segment_of(recency, low), len(inside))


class Attack:
    """What is told of a shop, as sums of its smallest parts: the cells of the grid and of who
    moved, and the names of the months before."""

    def __init__(self, shop: Shop) -> None:
        grid = np.array([[cell.count for cell in row] for row in shop.grid.rows])
        moved = np.array(shop.months.movement(earlier=1, later=0).counts)
        before = np.array(shop.months.sizes())[:, :-2]
        self.parts = np.concatenate([grid.ravel(), moved.ravel(), before.ravel()])
        unit = np.eye(len(self.parts))
        ends = np.cumsum([grid.size, moved.size])
        in_grid, in_moved, in_before = np.split(unit, ends)
        self.grid = _with_sums(in_grid.reshape(*grid.shape, -1))
        self.moved = _with_sums(in_moved.reshape(*moved.shape, -1))
        last_two = [self.moved[:NEW, -1], self.moved[-1, :NEW]]
        months = [*in_before.reshape(*before.shape, -1).transpose(1, 0, 2), *last_two]
        self.months = np.stack([[*month, month.sum(axis=0)] for month in months], axis=1)
        names = np.array([[cell.name for cell in row] for row in shop.grid.rows]).ravel()
        of_name = [in_grid[names == name].sum(axis=0) for name in NAMES]
        self.same = np.array(of_name) - self.moved[-1, :NEW]
        self.new = np.diff(self.months[-1], axis=0)

    def pinned(self, told: RfmTold) -> Iterator[tuple[int, float, float]]:
        """Each hidden number that only one count, or a small one none above, agrees with."""
        tables = [(self.grid, told.grid), (self.moved, told.movement), (self.months, told.by_month)]
        rows = np.concatenate([table.reshape(-1, len(self.parts)) for table, _ in tables])
        may = np.concatenate([np.array(mays).ravel() for _, mays in tables])
        # Cohorts tell how many are new in a month where they are not few, and all who ordered.
        elsewhere = [*(row for row in self.new if is_told(self._count(row))), self.grid[-1, -1]]
        known = np.array([*rows[may], *elsewhere, *self.same])
        hidden = [*rows[~may], *(row for row in self.new if not is_told(self._count(row)))]
        for row in np.unique(hidden, axis=0):
            count = self._count(row)
            low, high = (sign * self._least(sign * row, known) for sign in (1, -1))
            if high - low < 1 or (0 < count < FEWEST and high < FEWEST):
                yield count, low, high

    def _count(self, row: np.ndarray) -> int:
        return round(float(row @ self.parts))

    def _least(self, goal: np.ndarray, known: np.ndarray) -> float:
        found = linprog(
            goal,
            A_eq=known,
            b_eq=known @ self.parts,
            A_ub=-self.new,
            b_ub=np.zeros(len(self.new)),
        )
        assert found.fun is not None
        return round(found.fun, 6)


def _with_sums(cells: np.ndarray) -> np.ndarray:
    rows = np.concatenate([cells, cells.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([rows, rows.sum(axis=0, keepdims=True)])


@pytest.mark.parametrize(("size", "seed"), SHOPS)
def test_no_hidden_number_follows_from_all_that_is_told(size: int, seed: int) -> None:
    shop = a_shop(size, seed)

    told = told_rfm(shop.grid, shop.months)

    assert list(Attack(shop).pinned(told)) == []


def test_each_table_by_itself_would_give_some_away() -> None:
    shop = a_shop(480, 3)
    counts = [[cell.count for cell in row] for row in shop.grid.rows]
    moved = shop.months.movement(earlier=1, later=0).counts
    columns = [
        told_cells([[count] for count in month]) for month in zip(*shop.months.sizes(), strict=True)
    ]
    by_month = [[column[i][0] for column in columns] for i in range(NEW + 1)]

    told = RfmTold(told_cells(counts), by_month, told_cells(moved))

    assert len(list(Attack(shop).pinned(told))) > 5


@pytest.mark.parametrize(("size", "seed"), SHOPS)
def test_nothing_small_is_told_and_a_number_is_told_alike_in_all_tables(
    size: int, seed: int
) -> None:
    shop = a_shop(size, seed)
    moved = with_sums(shop.months.movement(earlier=1, later=0).counts)

    told = told_rfm(shop.grid, shop.months)

    pairs = zip(chain(*moved), chain(*told.movement), strict=True)
    assert {may for count, may in pairs if 0 < count < FEWEST} == {False}
    assert [row[-1] for row in told.movement[:NEW]] == [row[-2] for row in told.by_month[:NEW]]
    assert told.movement[-1] == [row[-1] for row in told.by_month]
    assert told.grid[-1][-1] == told.movement[-1][-1]
