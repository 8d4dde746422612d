"""When somebody may be written to: not at night, and best when they are usually there.

Both by their own clock, through changes of it. See `retention.jobs.resolver` for its rule.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from retention.jobs.resolver import next_daily

EVERY_DAY = "1234567"


@dataclass(frozen=True)
class QuietHours:
    """From a time of day until another, over midnight or not; where both are one, never."""

    begin: time
    end: time

    def over_at(self, at: datetime, *, zone: ZoneInfo) -> datetime:
        """`at` itself where it is not quiet then, else when the quiet ends.

        Quiet lasts from a moment to a moment, one of each a local day, and so is neither met twice
        nor missed where clocks change.
        """
        end = next_daily(self.end, weekdays=EVERY_DAY, zone=zone, after=at)
        begin = next_daily(self.begin, weekdays=EVERY_DAY, zone=zone, after=at)
        return end if end < begin else at


def next_best(weekday: int, hour: int, *, zone: ZoneInfo, after: datetime) -> datetime:
    """The next time it is this weekday, 0 is Monday, and hour on a clock."""
    return next_daily(time(hour), weekdays=str(weekday + 1), zone=zone, after=after)
