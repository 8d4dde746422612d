"""The months over which movement is told."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

MONTHS: Final = 12


def months_until(moment: datetime) -> list[datetime]:
    """The beginnings of the last months on the shop's own clock, and the moment itself: MONTHS in
    all, oldest first."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    first = moment.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if first == moment:
        first = _month_before(first)
    begun = [first]
    while len(begun) < MONTHS - 1:
        begun.append(_month_before(begun[-1]))
    return [*reversed(begun), moment]


def _month_before(first: datetime) -> datetime:
    year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    return first.replace(year=year, month=month)
