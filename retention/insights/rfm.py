"""The RFM grid and the movement between the names from month to month, counted from the scores.

Of whoever a rule would find, so that a cell counts whom it opens.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, F

from customers.models import Purpose
from retention.insights.models import RfmScore
from retention.insights.models.rfm import LETTERS, STATES
from retention.insights.months import months_until
from retention.insights.quality.cleaning import learnable
from retention.insights.querysets import RfmScoreQuerySet
from retention.learning.segment.rfm import RfmName, segment_of

RECENCIES: Final = (1, 2, 3, 4, 5)
BANDS: Final = ((4.5, 5.0), (4.0, 4.0), (3.0, 3.5), (2.5, 2.5), (2.0, 2.0), (1.0, 1.5))
"""Means of frequency and money, from and to, cut where names change: each recency and band have
one name."""


@dataclass(frozen=True)
class GridCell:
    """Customers of one recency and one band of frequency and money."""

    recency: int
    worth_from: float
    worth_to: float
    name: RfmName
    count: int


@dataclass(frozen=True)
class Grid:
    """rows : a list a band, the best first; in it a cell a recency, the longest ago first."""

    as_of: datetime | None
    customers: int
    rows: list[list[GridCell]]


@dataclass(frozen=True)
class Movement:
    """Who went from which name to which between two months.

    was : all STATES, the rows of `counts`; now : the names, its columns. Rows add up to
    how many had a name at first, columns to how many have it then; nobody loses having ordered.
    """

    was: tuple[str, ...]
    now: tuple[str, ...]
    counts: list[list[int]]


@dataclass(frozen=True)
class Months:
    """How many customers had which name month by month.

    histories : those that somebody has, with how many have it. months : the moments, oldest
        first; none before a training has looked back.
    """

    histories: Sequence[tuple[str, int]]
    months: Sequence[datetime]

    def sizes(self) -> list[list[int]]:
        """How many had each name, a row a name, a column a month."""
        counted: Counter[tuple[str, int]] = Counter()
        for history, n in self.histories:
            for month, letter in enumerate(history):
                counted[letter, month] += n
        months = range(len(self.months))
        return [[counted[letter, month] for month in months] for letter in LETTERS.values()]

    def movement(self, *, earlier: int, later: int) -> Movement:
        """Between two months, as so many back: 0 is now, 1 the start of this month."""
        counted: Counter[tuple[str, str]] = Counter()
        for history, n in self.histories:
            counted[history[-1 - earlier], history[-1 - later]] += n
        names = tuple(LETTERS.values())
        return Movement(
            was=tuple(STATES),
            now=tuple(RfmName),
            counts=[[counted[was, now] for now in names] for was in STATES.values()],
        )


def rfm_months() -> Months:
    """One query, which groups equal histories."""
    rows = _scores().exclude(history="")
    histories = list(rows.values_list("history").annotate(n=Count("pk")).order_by())
    as_of = rows.values_list("as_of", flat=True).first() if histories else None
    return Months(histories, months_until(as_of) if as_of else [])


def rfm_grid() -> Grid:
    """How many customers each cell has."""
    rows = _scores()
    counted: Counter[tuple[int, int]] = Counter()
    together = rows.annotate(both=F("frequency") + F("money"))
    for recency, both, n in together.values_list("recency", "both").annotate(n=Count("pk")):
        counted[recency, both] = n
    return Grid(
        as_of=rows.values_list("as_of", flat=True).first(),
        customers=counted.total(),
        rows=[[_cell(counted, recency, *band) for recency in RECENCIES] for band in BANDS],
    )


def _scores() -> RfmScoreQuerySet:
    return RfmScore.objects.filter(customer__in=learnable(Purpose.ANALYTICS)).order_by()


def _cell(
    counted: Counter[tuple[int, int]], recency: int, worth_from: float, worth_to: float
) -> GridCell:
    name = segment_of(recency, worth_from)
    inside = range(round(2 * worth_from), round(2 * worth_to) + 1)
    count = sum(counted[recency, both] for both in inside)
    return GridCell(recency, worth_from, worth_to, name, count)
