"""When to write to a customer and about what, in words with the evidence."""

from dataclasses import dataclass
from typing import Final

from retention.insights.models import CategoryChance, SendTime
from retention.present.templatetags.present import percent

PARTS: Final = {
    "MORNING": ("in the morning", "Morning, 5 to 12", tuple(range(5, 12))),
    "AFTERNOON": ("in the afternoon", "Afternoon, 12 to 17", tuple(range(12, 17))),
    "EVENING": ("in the evening", "Evening, 17 to 22", tuple(range(17, 22))),
    "NIGHT": ("at night", "Night, 22 to 5", (22, 23, 0, 1, 2, 3, 4)),
}
"""Parts of the day: how one is said, how it is listed, its hours."""


@dataclass(frozen=True)
class BestTime:
    """One answer: what, and why, in words."""

    answer: str
    why: str


def times_in_words(time: SendTime) -> list[BestTime]:
    """The hour and the weekday; no hour where the shop's events have no time of day."""
    day = str(time.get_weekday_display())
    said = []
    if time.hour is not None:
        said.append(BestTime(f"About {time.hour:02}:00", _hour_why(time, time.hour)))
    if time.weekday_is_own:
        why = f"in the shop on a {day} on {_of(time.weekday_days, time.weekday_days_of)}"
    else:
        why = f"the shop's busiest day: {_no_habit(time.weekday_days_of)}"
    return [*said, BestTime(day, why)]


def chance_in_words(chance: CategoryChance) -> str:
    """ "62% (usually 21%)"."""
    return f"{percent(chance.probability, 0)} (usually {percent(chance.usual, 0)})"


def _hour_why(time: SendTime, hour: int) -> str:
    if not time.hour_is_own:
        return f"the shop's busiest hour: {_no_habit(time.hour_days_of)}"
    starts, ends = (hour - 1) % 24, (hour + 2) % 24
    return (
        f"in the shop between {starts:02}:00 and {ends:02}:00 on "
        f"{_of(time.hour_days, time.hour_days_of)}"
    )


def _of(days: int, of: int) -> str:
    return f"{days:,} of {of:,} days"


def _no_habit(days: int) -> str:
    known = f"{days:,} {'day' if days == 1 else 'days'}"
    return f"{known} in the shop {'shows' if days == 1 else 'show'} no habit of their own"
