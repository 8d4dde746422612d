"""Nobody is written to at night, by their own clock, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.quiet_hours import QuietHours, next_best

NIGHT = QuietHours(time(21), time(8))


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]  # a date's parts


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "expected"),
    [
        ("Asia/Tokyo", 20, 59, (2026, 6, 1, 20, 59)),
        ("Asia/Tokyo", 21, 0, (2026, 6, 2, 8, 0)),
        ("America/New_York", 3, 0, (2026, 6, 1, 8, 0)),
        ("America/New_York", 8, 0, (2026, 6, 1, 8, 0)),
    ],
)
def test_what_is_due_at_night_waits_for_the_morning_of_the_customers_zone(
    zone: str, hour: int, minute: int, expected: tuple[int, ...]
) -> None:
    at = local(zone, 2026, 6, 1, hour, minute)

    assert NIGHT.over_at(at, zone=ZoneInfo(zone)) == local(zone, *expected)


@pytest.mark.parametrize(
    ("zone", "year", "month", "day"),
    [
        ("Europe/London", 2026, 3, 29),
        ("Europe/London", 2026, 10, 25),
        ("Australia/Lord_Howe", 2026, 4, 5),
    ],
)
@pytest.mark.parametrize(
    "quiet", [NIGHT, QuietHours(time(1, 30), time(2, 15)), QuietHours(time(0, 30), time(1, 45))]
)
def test_where_clocks_change_quiet_is_one_stretch_and_ends(
    quiet: QuietHours, zone: str, year: int, month: int, day: int
) -> None:
    here = ZoneInfo(zone)
    start = datetime(year, month, day, tzinfo=here).astimezone(UTC) - timedelta(hours=12)
    moments = [start + timedelta(minutes=5) * n for n in range(36 * 12)]

    ends = [quiet.over_at(at, zone=here) for at in moments]

    stretches = {end for at, end in zip(moments, ends, strict=True) if end != at}
    assert len(stretches) <= 2
    assert all(quiet.over_at(end, zone=here) == end for end in stretches)
    assert all(end.astimezone(here).time() >= quiet.end for end in stretches)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    at = local("UTC", 2026, 6, 1, 3, 0)

    assert QuietHours(time(0), time(0)).over_at(at, zone=ZoneInfo("UTC")) == at


def test_the_best_hour_is_on_their_own_clock() -> None:
    due = next_best(2, 18, zone=ZoneInfo("Asia/Tokyo"), after=datetime(2026, 6, 1, 12, tzinfo=UTC))

    assert due == local("Asia/Tokyo", 2026, 6, 3, 18)
