"""The calendar of demand: weeks of the year, days of the week, hours of the day, time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from retention.learning.simulate.arrays import FloatArray, IntArray
from retention.learning.simulate.names import PLACES

SECONDS_A_DAY = 86_400
_YEAR = 365.25

# Day of the year at the middle of each bump, its width in days, its height.
_DEMAND = ((340.0, 20.0, 0.85), (45.0, 30.0, -0.22), (210.0, 28.0, -0.15), (130.0, 20.0, 0.08))
_SHELF_SEASONS = {
    "festive": (338.0, 24.0, 6.0),
    "winter": (350.0, 50.0, 1.6),
    "spring": (110.0, 32.0, 3.0),
    "summer": (185.0, 35.0, 2.2),
}
# Monday first. Shopping for the home happens on Sunday evenings, not on Saturdays.
_WEEKDAY = np.array([1.10, 1.04, 1.00, 0.97, 0.92, 0.83, 1.14])
_WORKDAY_HOURS = (
    *(0.3, 0.15, 0.1, 0.1, 0.1, 0.3, 0.9, 1.8, 2.0, 1.9, 2.1, 2.4),
    *(3.6, 3.2, 2.2, 2.0, 2.2, 2.8, 3.6, 5.0, 6.2, 5.6, 3.2, 1.1),
)
_WEEKEND_HOURS = (
    *(0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 2.6, 4.2, 5.0, 4.8),
    *(4.0, 3.4, 3.2, 3.2, 3.4, 3.6, 3.9, 4.4, 4.8, 4.2, 2.6, 1.0),
)


def demand(day: int) -> float:
    """How lively the shop is in that part of the year; 1 on average, near 2 in December."""
    return 1.0 + sum(height * _bump(day, middle, width) for middle, width, height in _DEMAND)


def weekday_factor(day: int, own: IntArray, strength: FloatArray) -> FloatArray:
    """How lively that day of the week is to each customer, (n,); 1 on average over a week.

    own : (n,) the day of the week that is theirs. strength : (n,) from 0, everyone's week, to 1.
    """
    today = weekday(day)
    factor: FloatArray = (1.0 - strength) * _WEEKDAY[today] + strength * 7.0 * (own == today)
    return factor


def draw_weekdays(n: int, rng: np.random.Generator) -> IntArray:
    """A day of the week for each of n, so that together they keep the shop's week."""
    return rng.choice(7, size=n, p=_WEEKDAY / _WEEKDAY.sum())


def draw_hours(n: int, rng: np.random.Generator) -> FloatArray:
    """A moment of the day for each of n, in local hours, so that together they keep the shop's."""
    shares = np.array(_WORKDAY_HOURS) / sum(_WORKDAY_HOURS)
    return rng.choice(24, size=n, p=shares) + rng.random(n)


def shelf_factor(season: str, day: int) -> float:
    """How much better a seasonal product sells on that day than out of season; 1 for none."""
    if not season:
        return 1.0
    middle, width, height = _SHELF_SEASONS[season]
    return 0.5 + height * _bump(day, middle, width)


def weekday(day: int) -> int:
    """Monday is 0. Day 0, 1970-01-01, was a Thursday."""
    return (day + 3) % 7


def hour_profile(day: int) -> FloatArray:
    """The cumulative share of sessions begun by the end of each local hour (24,)."""
    hours = np.cumsum(_WEEKEND_HOURS if weekday(day) >= 5 else _WORKDAY_HOURS)
    profile: FloatArray = hours / hours[-1]
    return profile


def seconds_ahead_of_utc(day: int) -> IntArray:
    """What each of PLACES adds to UTC at noon of that day, summer time included."""
    noon = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    offsets = [noon.astimezone(ZoneInfo(place.timezone)).utcoffset() for place in PLACES]
    return np.array([int(o.total_seconds()) if o else 0 for o in offsets], dtype=np.int64)


def _bump(day: int, middle: float, width: float) -> float:
    """A bell around a day of the year that wraps round at New Year."""
    days_from_middle = abs((_day_of_year(day) - middle + _YEAR / 2) % _YEAR - _YEAR / 2)
    return float(np.exp(-0.5 * (days_from_middle / width) ** 2))


def _day_of_year(day: int) -> int:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).timetuple().tm_yday
