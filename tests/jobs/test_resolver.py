"""The rule of clocks that change, against the calendar walked minute by minute."""

import itertools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention.jobs.resolver import moment_of, next_daily, next_interval

LONDON = ZoneInfo("Europe/London")


def test_an_ordinary_day_has_the_moment_the_clock_shows() -> None:
    assert moment_of(date(2026, 6, 1), time(3, 30), LONDON) == datetime(
        2026, 6, 1, 2, 30, tzinfo=UTC
    )


def test_a_time_that_never_comes_is_the_moment_of_the_jump() -> None:
    assert moment_of(date(2026, 3, 29), time(1, 30), LONDON) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_comes_twice_is_its_first_coming() -> None:
    moment = moment_of(date(2026, 10, 25), time(1, 30), LONDON)

    assert moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_jump_that_ends_the_day_leaves_its_last_second() -> None:
    nuuk = ZoneInfo("America/Scoresbysund")  # 23:00 became midnight on 30 March 2024.
    moment = moment_of(date(2024, 3, 30), time(23, 30), nuuk)

    assert moment is not None
    assert moment.astimezone(nuuk).date() == date(2024, 3, 30)


def test_a_day_that_a_zone_left_out_has_no_moment() -> None:
    assert moment_of(date(2011, 12, 30), time(12, 0), ZoneInfo("Pacific/Apia")) is None


def test_weekdays_that_were_not_asked_for_are_passed_over() -> None:
    monday = datetime(2026, 6, 1, 12, tzinfo=UTC)

    coming = next_daily(time(9, 0), weekdays="5", zone=LONDON, after=monday)

    assert coming == datetime(2026, 6, 5, 8, tzinfo=UTC)


def test_no_weekday_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="Weekdays ''"):
        next_daily(time(9, 0), weekdays="", zone=LONDON, after=datetime(2026, 6, 1, tzinfo=UTC))


def test_an_hourly_interval_counts_elapsed_hours_across_a_clock_change() -> None:
    start = datetime(2026, 10, 24, 0, 0, tzinfo=UTC)
    moments = [start]
    for _ in range(47):
        moments.append(next_interval(start, timedelta(hours=1), after=moments[-1]))

    assert moments[-1] - start == timedelta(hours=47)
    assert len(set(moments)) == 48


SAMPLE = sorted(zoneinfo.available_timezones())[::40]
"""`tests/faults/test_jobs_clocks.py` takes every zone."""


@pytest.mark.parametrize("name", SAMPLE)
def test_every_local_day_has_exactly_one_run(name: str) -> None:
    days = run_days(ZoneInfo(name), time(2, 30), start=date(2024, 1, 1), days=7 * 365)

    assert days == [date(2024, 1, 1) + timedelta(days=n) for n in range(7 * 365)]


@pytest.mark.parametrize("name", [*SAMPLE, "America/Havana", "Africa/Cairo", "Australia/Lord_Howe"])
def test_on_days_of_change_the_moment_is_what_a_walk_through_the_day_finds(name: str) -> None:
    zone = ZoneInfo(name)
    cases = [
        (day, time(hour, minute))
        for day in days_of_change(zone, year=2026)
        for hour in range(24)
        for minute in (0, 30)
    ]

    found = [moment_of(day, wall, zone) for day, wall in cases]

    assert found == [walked(day, wall, zone) for day, wall in cases]


def run_days(zone: ZoneInfo, wall: time, *, start: date, days: int) -> list[date]:
    """The local day of each run in a row, as a scheduler walks them."""
    moment = datetime.combine(start - timedelta(days=1), time(23, 59, 59), tzinfo=zone)
    seen = []
    for _ in range(days):
        moment = next_daily(wall, weekdays="1234567", zone=zone, after=moment.astimezone(UTC))
        seen.append(moment.astimezone(zone).date())
    return seen


def days_of_change(zone: ZoneInfo, *, year: int) -> list[date]:
    """Local days around each change of the zone's offset."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    local = [hour.astimezone(zone) for hour in hours]
    return sorted(
        {
            day.date()
            for before, after in itertools.pairwise(local)
            if before.utcoffset() != after.utcoffset()
            for day in (before, after)
        }
    )


def walked(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """The slow, obvious rule: the day's first minute whose clock shows the time or more.

    Where the day ends before, its last second.
    """
    start = datetime.combine(day - timedelta(days=1), time(0), tzinfo=UTC)
    minutes = [start + timedelta(minutes=n) for n in range(3 * 24 * 60)]
    shown = [(moment, moment.astimezone(zone)) for moment in minutes]
    of_the_day = [(moment, local) for moment, local in shown if local.date() == day]
    late_enough = [moment for moment, local in of_the_day if local.time() >= wall]
    if late_enough:
        return late_enough[0]
    return of_the_day[-1][0] + timedelta(seconds=59) if of_the_day else None
