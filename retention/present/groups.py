"""Small groups are not told: who may see numbers only, must not find a person behind one.

One rule for all pages: whoever may look customers up could count them, and is told every number;
for everyone else a small group is hidden, leads nowhere, and is hidden in every sum.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Final

from retention.learning.suppression import Sum, suppressed

from .templatetags.present import number

FEWEST: Final = 10
"""Fewer customers than this are told as "<10", wherever people are counted."""
HIDDEN: Final = f"<{FEWEST}"
HIDDEN_CELL: Final = "hidden"
FOOTNOTE: Final = (
    f"Hidden: fewer than {FEWEST} customers, or a number from which, by the sums, such a group"
    " could be worked out."
)


def at_least_few(count: int, in_full: bool = False) -> str:
    """ "1,234", "<10", and 0 for nobody: that there is none says nothing of anyone.

    in_full : for who may look customers up, and so could count them.
    """
    return number(count) if in_full or is_told(count) else HIDDEN


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


def told_cells(
    counts: Sequence[Sequence[int]], *, known: Sequence[tuple[int, int]] = ()
) -> list[list[bool]]:
    """Which cells of a table may be told, and which of its sums.

    counts : rows of equal length. known : places, by row and column, that are told elsewhere.
    Returns a row and a column more than counts: the sums, and last of all the whole. All hidden
    ones are to be marked alike: HIDDEN_CELL, with FOOTNOTE.
    """
    table = with_sums(counts)
    width = len(table[0])
    places = [list(range(i * width, (i + 1) * width)) for i in range(len(table))]
    lines = [*places, *map(list, zip(*places, strict=True))]
    told = told_counts(
        list(chain(*table)),
        [(line[-1], line[:-1]) for line in lines],
        known=[places[row][column] for row, column in known],
    )
    return [told[row[0] : row[-1] + 1] for row in places]


def told_counts(
    counts: Sequence[int], sums: Sequence[Sum], *, known: Collection[int] = ()
) -> list[bool]:
    """Which counts may be told where some are sums of others: what is 1 to 9 may not, nor what
    gives such a one away (complementary suppression).

    sums : of each the place of the whole, and the places of its parts. known : places that are
        told elsewhere anyway.
    """
    return [not hides for hides in suppressed(counts, sums, fewest=FEWEST, known=known)]


def with_sums(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """The table with the sum of each row at its end and the sums of the columns below."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]
