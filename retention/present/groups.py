"""Small groups are not told: who may see numbers only, must not find a person behind one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from .templatetags.present import number

FEWEST: Final = 10
"""Fewer customers than this are told as "<10", wherever people are counted."""
HIDDEN: Final = f"<{FEWEST}"
HIDDEN_CELL: Final = f"{HIDDEN}*"
FOOTNOTE: Final = (
    f"* Fewer than {FEWEST} customers, or hidden because the sums around it would tell such a cell."
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
    """Which cells of a table may be told where the sums of its rows and columns are known too.

    counts : rows of equal length. A cell of 1 to 9 is hidden, and so are others beside it until
        neither a sum gives one away nor the hidden of a line come to fewer than FEWEST together
        (complementary suppression). A hidden cell is told by the sums alone exactly where no
        other way leads over hidden cells from its row to its column.
    All hidden cells are to be marked alike: HIDDEN_CELL, with FOOTNOTE.
    """
    hidden = {place for place in _places(counts) if not is_told(_at(counts, place))}
    while cover := next(_covers(counts, hidden), None):
        hidden.add(cover)
    return [
        [(row, column) not in hidden for column in range(len(counts[0]))]
        for row in range(len(counts))
    ]


def _covers(counts: Sequence[Sequence[int]], hidden: set[Place]) -> Iterator[Place]:
    """For each hidden cell that is given away: the smallest told one beside it, if there is one."""
    bridges, sums = _bridges(hidden), Counter[tuple[int, int]]()
    for place in hidden:
        for axis in (0, 1):
            sums[axis, place[axis]] += _at(counts, place)
    for place in sorted(hidden):
        for axis in (0, 1):
            if sums[axis, place[axis]] >= FEWEST and place not in bridges:
                continue
            told = [
                other
                for other in _places(counts)
                if other[axis] == place[axis] and other not in hidden
            ]
            if told:
                # One with somebody in it rather than an empty one, which protects nobody.
                yield min(told, key=lambda other: (not _at(counts, other), _at(counts, other)))


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
