"""What of RFM may be told to whoever may not look customers up.

The grid, the months and who moved count the same people: what must be hidden of one would follow
from the others, so that what to hide is found for all of them together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from retention.insights.rfm import Grid, Months
from retention.learning.segment.rfm import RfmName
from retention.present.groups import told_counts

Told = list[list[bool]]
Places = list[list[int]]


@dataclass(frozen=True)
class RfmTold:
    """Tables as they are shown, each with its sums: a last line, and but for the months a last
    column. movement : of this month so far; whoever is told no small group chooses no other, for
    two of them could be subtracted."""

    grid: Told
    by_month: Told = field(default_factory=list)
    movement: Told = field(default_factory=list)


@dataclass(frozen=True)
class _Sheet:
    """Counts at their places, and which are sums of which."""

    counts: list[int] = field(default_factory=list)
    sums: list[tuple[int, Sequence[int]]] = field(default_factory=list)

    def put(self, count: int) -> int:
        self.counts.append(count)
        return len(self.counts) - 1

    def sum_of(self, parts: Sequence[int], *, whole: int | None = None) -> int:
        """Where the sum of some parts is: at a new place, or at one that is there."""
        place = self.put(sum(self.counts[part] for part in parts)) if whole is None else whole
        self.sums.append((place, parts))
        return place

    def told(self, known: Iterable[int], *tables: Places) -> list[Told]:
        told = told_counts(self.counts, self.sums, known=list(known))
        return [[[told[place] for place in row] for row in table] for table in tables]


def told_rfm(grid: Grid, months: Months) -> RfmTold:
    sheet = _Sheet()
    cells = [[sheet.put(cell.count) for cell in row] for row in grid.rows]
    bands = [sheet.sum_of(row) for row in cells]
    recencies = [sheet.sum_of(column) for column in zip(*cells, strict=True)]
    everyone = sheet.sum_of(bands)
    sheet.sum_of(recencies, whole=everyone)
    crossed = [*([*row, band] for row, band in zip(cells, bands, strict=True))]
    crossed.append([*recencies, everyone])
    if not months.months:
        return RfmTold(*sheet.told([everyone], crossed))
    moved = _moved(sheet, months, everyone)
    _named(sheet, grid, cells, moved[-1])
    sizes, new = _sizes(sheet, months, moved)
    # Behaviour tells how many ordered first in each month, and how many have ordered.
    return RfmTold(*sheet.told([everyone, *new], crossed, sizes, moved))


def _moved(sheet: _Sheet, months: Months, everyone: int) -> Places:
    counts = months.movement(earlier=1, later=0).counts
    cells = [[sheet.put(count) for count in row] for row in counts]
    now = [sheet.sum_of(column) for column in zip(*cells, strict=True)]
    sheet.sum_of(now, whole=everyone)
    return [*([*row, sheet.sum_of(row)] for row in cells), [*now, everyone]]


def _named(sheet: _Sheet, grid: Grid, cells: Places, now: list[int]) -> None:
    """How many have a name now is how many its cells of the grid have."""
    named: dict[str, list[int]] = {}
    for row, places in zip(grid.rows, cells, strict=True):
        for cell, place in zip(row, places, strict=True):
            named.setdefault(cell.name, []).append(place)
    for name, whole in zip(RfmName, now[:-1], strict=True):
        sheet.sum_of(named[name], whole=whole)


def _sizes(sheet: _Sheet, months: Months, moved: Places) -> tuple[Places, list[int]]:
    """Those of each name month by month with their sums, and those new in each month; the last
    two months are the sums of who moved."""
    *was, not_yet = [row[-1] for row in moved[:-1]]
    *now, everyone = moved[-1]
    earlier = [list(column) for column in zip(*months.sizes(), strict=True)][:-2]
    columns = [[sheet.put(count) for count in column] for column in earlier] + [was]
    wholes = [*map(sheet.sum_of, columns), everyone]
    added = [sheet.counts[after] - sheet.counts[before] for before, after in pairwise(wholes)]
    new = [*map(sheet.put, added[:-1]), not_yet]
    for (before, after), between in zip(pairwise(wholes), new, strict=True):
        sheet.sum_of([before, between], whole=after)
    rows = [list(row) for row in zip(*columns, now, strict=True)]
    return [*rows, wholes], new
