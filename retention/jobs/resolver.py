"""From a wall clock to moments: exactly one a local day, whatever the clocks do.

The rule, where clocks change:
- a time that comes twice (clocks go back) is its first coming;
- a time that never comes (clocks go forward) is the moment of the jump, and where the jump ends the
  day, the last second before it;
- a day that a zone leaves out altogether has no moment.
An interval knows no clock: it is elapsed time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def moment_of(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """When clocks in the zone show this time on this day, in UTC; None for a day left out."""
    shown = datetime.combine(day, wall.replace(second=0, microsecond=0))
    # fold=0 is the first coming of a time that comes twice, and after the jump for one that never
    # comes; fold=1 would be before the jump.
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if _shows(moment, zone) == shown:
        return moment
    jump = _jump(shown.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)
    for candidate in (jump, jump - SECOND):
        if _shows(candidate, zone).date() == day:
            return candidate
    return None


def next_daily(wall: time, *, weekdays: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after`; weekdays are ISO's, 1 is Monday.

    Raises ValueError where no day is given.
    """
    if not set(weekdays) & set("1234567"):
        raise ValueError(f"Weekdays {weekdays!r}: expected digits from 1, Monday, to 7, Sunday.")
    # From the day before, because days of a zone and of UTC overlap.
    day = after.astimezone(zone).date() - DAY
    while True:
        if str(day.isoweekday()) in weekdays:
            moment = moment_of(day, wall, zone)
            if moment is not None and moment > after:
                return moment
        day += DAY


def next_interval(start: datetime, every: timedelta, *, after: datetime) -> datetime:
    """The first of start, start + every, start + 2 every, ... later than `after`."""
    return start + every * max(0, (after - start) // every + 1)


def _shows(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second in which the zone's offset changes, searched by halves."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
