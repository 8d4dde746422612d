"""Small groups are not told: who may see numbers only, must not find a person behind one."""

from collections.abc import Iterator, Sequence
from typing import Final

from .templatetags.present import number

FEWEST: Final = 10
"""Fewer customers than this are told as "<10", wherever people are counted."""
HIDDEN: Final = f"<{FEWEST}"
HIDDEN_CELL: Final = "hidden"
FOOTNOTE: Final = (
    f"Hidden: fewer than {FEWEST} customers, or a number from which, by the sums, such a group"
    " could be worked out."
)
Place = tuple[int, int]


def at_least_few(count: int) -> str:
    """ "1,234", "<10", and 0 for nobody: that there is none says nothing of anyone."""
    return number(count) if is_told(count) else HIDDEN


def is_told(count: int) -> bool:
    return count == 0 or count >= FEWEST


def told_steps(counts: Sequence[int]) -> list[bool]:
    """Which of some groups, each part of the one before, may be told.

    counts : falling. One is hidden where it is small, or where so few are in it beyond the next
        told one that their difference would tell them.
    """
    told, inside = [], 0
    for count in reversed(counts):
        told.append(is_told(count) and is_told(count - inside))
        inside = count if told[-1] else inside
    return told[::-1]


def told_cells(counts: Sequence[Sequence[int]]) -> list[list[bool]]:
    """Which cells of a table may be told, and which of its sums.

    counts : rows of equal length. Returns a row and a column more than counts: the sums, and last
    of all the whole. What is 1 to 9 is hidden, a sum too, and so are others beside it until no
    sum gives one away nor the hidden of a line come to fewer than FEWEST together (complementary
    suppression). What is hidden follows from the sums exactly where no other way leads over
    hidden ones from its row to its column.
    All hidden ones are to be marked alike: HIDDEN_CELL, with FOOTNOTE.
    """
    table = with_sums(counts)
    hidden = {place for place in _places(table) if not is_told(_at(table, place))}
    while cover := next(_covers(table, hidden), None):
        hidden.add(cover)
    # What was hidden on the way and is not needed in the end is told, the largest first.
    for place in sorted(hidden, key=lambda one: -_at(table, one)):
        if is_told(_at(table, place)) and not any(_covers(table, hidden - {place})):
            hidden.discard(place)
    return [[(i, j) not in hidden for j in range(len(row))] for i, row in enumerate(table)]


def with_sums(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """The table with the sum of each row at its end and the sums of the columns below."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _covers(table: Sequence[Sequence[int]], hidden: set[Place]) -> Iterator[Place]:
    """For each hidden one that is given away: the smallest told one beside it, if there is one."""
    bridges, last = _bridges(hidden), (len(table) - 1, len(table[0]) - 1)
    for place in sorted(hidden):
        for axis in (0, 1):
            line = _line(place, axis, last)
            inside = line[:-1]
            if place[axis] == last[axis]:
                # Hidden sums are known together: so is what is hidden in all of their lines.
                sums = [one for one in inside if one in hidden]
                inside = [cell for one in sums for cell in _line(one, 1 - axis, last)[:-1]]
            together = sum(_at(table, one) for one in inside if one in hidden)
            is_known = line[-1] not in hidden and together < FEWEST
            told = [one for one in (*inside, *line) if one not in hidden]
            if told and (is_known or place in bridges):
                # One with somebody in it rather than an empty one, which protects nobody.
                yield min(
                    told,
                    key=lambda one: (
                        not _at(table, one),
                        one[0] == last[0],
                        one[1] == last[1],
                        _at(table, one),
                    ),
                )


def _line(place: Place, axis: int, last: Place) -> list[Place]:
    """The row (axis 0) or the column (1) that a place is in, its sum last."""
    if axis == 0:
        return [(place[0], n) for n in range(last[1] + 1)]
    return [(n, place[1]) for n in range(last[0] + 1)]


def _bridges(hidden: set[Place]) -> set[Place]:
    """The cells whose row and column meet over no other of them: the bridges of the graph that
    has rows and columns for its points and cells for its lines (Tarjan 1974)."""
    beside: dict[tuple[int, int], list[Place]] = {}
    for place in hidden:
        for axis in (0, 1):
            beside.setdefault((axis, place[axis]), []).append(place)
    met: dict[tuple[int, int], int] = {}
    found: set[Place] = set()

    def lowest(point: tuple[int, int], came: Place | None) -> int:
        """The earliest point that is reached from here without the line we came by."""
        met[point] = low = len(met)
        for place in beside[point]:
            other = (1 - point[0], place[1 - point[0]])
            if place == came:
                continue
            if other in met:
                low = min(low, met[other])
                continue
            reached = lowest(other, place)
            low = min(low, reached)
            if reached > met[point]:
                found.add(place)
        return low

    for point in beside:
        if point not in met:
            lowest(point, None)
    return found


def _places(counts: Sequence[Sequence[int]]) -> list[Place]:
    return [(row, column) for row, cells in enumerate(counts) for column in range(len(cells))]


def _at(counts: Sequence[Sequence[int]], place: Place) -> int:
    return counts[place[0]][place[1]]
