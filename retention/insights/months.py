"""Months on the shop's own clock, and those over which movement is told."""

from datetime import datetime
from typing import Final

from django.utils.timezone import localtime

MONTHS: Final = 12


def months_until(moment: datetime) -> list[datetime]:
    """The beginnings of the last months on the shop's own clock, and the moment itself: MONTHS in
    all, oldest first."""
    first = month_of(moment)
    if first == moment:
        first = _moved(first, -1)
    return [*(_moved(first, back) for back in range(2 - MONTHS, 1)), moment]


def whole_months(last: datetime, count: int) -> list[datetime]:
    """The beginnings of so many months up to the one that a moment lies in, oldest first, and the
    end of that one: count + 1 in all."""
    return [_moved(month_of(last), by) for by in range(1 - count, 2)]


def month_of(moment: datetime) -> datetime:
    """The beginning of the month that a moment lies in."""
    local = localtime(moment)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(first: datetime) -> datetime:
    """The beginning of the next month."""
    return _moved(first, 1)


def _moved(first: datetime, months: int) -> datetime:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first.replace(year=year, month=month + 1)
