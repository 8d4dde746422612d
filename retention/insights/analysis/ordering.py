"""Who came back: cohorts by the month of the first order, and each month's customers by what they
did before. Both from one query, which tells of each customer in which months they ordered."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import BigIntegerField, Case, Sum, Value, When

from customers.models import Event, Purpose
from retention.insights.months import whole_months
from retention.insights.quality.cleaning import learnable

Rule = dict[str, Any]
MONTHS: Final = (12, 24)
"""How many months can be looked at, beside the one that is not over."""
QUIET: Final = (1, 2, 3, 6, 12)
"""After how many months without an order somebody can be called dormant."""
BEFORE: Final = -1
"""The place of what lies before all months."""


@dataclass(frozen=True)
class Found:
    """So many customers, and the rule that finds them."""

    count: int
    rule: Rule


@dataclass(frozen=True)
class Cohort:
    """Who ordered first in one month. ordered : how many ordered in it and in each month since."""

    month: datetime
    ordered: list[Found]

    @property
    def size(self) -> int:
        return self.ordered[0].count


@dataclass(frozen=True)
class Cohorts:
    """before : how many who ordered first before all of them ordered in each of the months."""

    cohorts: list[Cohort]
    before: list[int]

    def share_again(self, since: int) -> float | None:
        """Of those whose month so long after their first is over: the share that ordered in it."""
        whole = [one for one in self.cohorts if len(one.ordered) > since + 1]
        people = sum(one.size for one in whole)
        return sum(one.ordered[since].count for one in whole) / people if people else None


@dataclass(frozen=True)
class LifeMonth:
    """One month's customers. dormant : None where the month is not over, so that it can change."""

    month: datetime
    new: Found
    returning: Found
    resurrected: Found
    dormant: Found | None


class Histories:
    """In which months customers ordered, up to the month of a moment.

    months : how many are looked at, the last one not over. edges : their beginnings and the end of
        the last; before them lie as many months as the longest QUIET. shown : their places in
        `edges`, from the first one on in which, or before which, anybody ordered.
    """

    def __init__(self, *, at: datetime, months: int) -> None:
        self.at = at
        self.edges = whole_months(at, max(QUIET) + months)
        self.counted = Counter(map(int, self._masks()))
        self.shown = range(self._first_shown(), max(QUIET) + months)

    def _masks(self) -> Any:
        """Of each customer the bits of the months in which they ordered."""
        inside = [
            When(occurred_at__lt=edge, then=Value(_bits(i - 1, i)))
            for i, edge in enumerate(self.edges)
        ]
        month = Case(*inside, output_field=BigIntegerField())
        rows = Event.objects.purchases().filter(
            occurred_at__lt=self.at, customer__in=learnable(Purpose.ANALYTICS)
        )
        told = rows.order_by().values("customer").annotate(mask=Sum(month, distinct=True))
        return told.values_list("mask", flat=True).iterator(chunk_size=10_000)

    def _first_shown(self) -> int:
        ever = reduce(or_, self.counted, 0)
        first = _first_of(ever) if ever else len(self.edges)
        return min(max(first, *QUIET), len(self.edges) - 2)

    def cohorts(self) -> Cohorts:
        """How many of each month's first customers ordered in each month since."""
        counts = {(first, month): 0 for month in self.shown for first in self.shown}
        before = dict.fromkeys(self.shown, 0)
        for mask, n in self.counted.items():
            first = _first_of(mask)
            for month in self.shown:
                if mask & _bits(month, month + 1):
                    if first in self.shown:
                        counts[first, month] += n
                    else:
                        before[month] += n
        last = self.shown.stop
        return Cohorts(
            [
                Cohort(
                    self.edges[first],
                    [
                        Found(counts[first, month], self._of_cohort(first, month))
                        for month in range(first, last)
                    ],
                )
                for first in self.shown
            ],
            list(before.values()),
        )

    def _of_cohort(self, first: int, month: int) -> Rule:
        began = self._first(after=first, before=first + 1)
        return began if first == month else {"all": [began, self._ordered(month, month + 1)]}

    def lifecycle(self, *, quiet: int) -> list[LifeMonth]:
        """Each month's customers: new, back within `quiet` months, back later, and gone so long."""
        return [self._life_of(month, quiet) for month in self.shown]

    def _life_of(self, month: int, quiet: int) -> LifeMonth:
        then = month - quiet
        this, lately, older = _bits(month, month + 1), _bits(then, month), _bits(BEFORE, then)
        last, since = _bits(then, then + 1), _bits(then + 1, month + 1)
        new = returning = resurrected = dormant = 0
        for mask, n in self.counted.items():
            if mask & this:
                new += n * (not mask & (lately | older))
                returning += n * bool(mask & lately)
                resurrected += n * bool(mask & older and not mask & lately)
            dormant += n * bool(mask & last and not mask & since)
        ordered, of_late = self._ordered(month, month + 1), self._ordered(then, month)
        gone = [self._ordered(then, then + 1), {"not": self._ordered(then + 1, month + 1)}]
        back = [ordered, self._first(before=then), {"not": of_late}]
        is_over = self.edges[month + 1] <= self.at
        return LifeMonth(
            self.edges[month],
            Found(new, self._first(after=month, before=month + 1)),
            Found(returning, {"all": [ordered, of_late]}),
            Found(resurrected, {"all": back}),
            Found(dormant, {"all": gone}) if is_over else None,
        )

    def _ordered(self, after: int, before: int) -> Rule:
        return {"is": "ordered_between"} | self._days(after=after, before=before)

    def _first(self, **between: int) -> Rule:
        return {"is": "first_order"} | self._days(**between)

    def _days(self, **edges: int) -> dict[str, str]:
        return {name: self.edges[edge].date().isoformat() for name, edge in edges.items()}


def _first_of(mask: int) -> int:
    """The place of the first month that has its bit."""
    return (mask & -mask).bit_length() - 2


def _bits(first: int, end: int) -> int:
    """A bit a month from one place up to another, that one not."""
    return (2 << end) - (2 << first) if first >= 0 else (2 << end) - 1
