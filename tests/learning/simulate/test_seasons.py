"""The calendar of demand."""

from datetime import date

import numpy as np
import pytest

from retention.learning.simulate import seasons
from retention.learning.simulate.names import PLACES

EPOCH = date(1970, 1, 1)


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - EPOCH).days


@pytest.mark.parametrize("when", [date(2024, 1, 1), date(2025, 7, 6), date(1970, 1, 1)])
def test_weekdays_are_the_calendars(when: date) -> None:
    assert seasons.weekday((when - EPOCH).days) == when.weekday()


def test_demand_is_about_one_over_a_year_and_peaks_before_christmas() -> None:
    year = [seasons.demand(day(2025, 1, 1) + later) for later in range(365)]

    assert 0.95 < np.mean(year) < 1.1
    assert date.fromordinal(date(2025, 1, 1).toordinal() + int(np.argmax(year))).month == 12


def test_summer_time_is_kept_where_it_is_kept() -> None:
    london = [place.timezone for place in PLACES].index("Europe/London")

    winter = seasons.seconds_ahead_of_utc(day(2025, 1, 15))[london]
    summer = seasons.seconds_ahead_of_utc(day(2025, 7, 15))[london]

    assert (winter, summer) == (0, 3_600)


def test_a_product_of_no_season_sells_the_same_all_year() -> None:
    assert {seasons.shelf_factor("", day(2025, month, 1)) for month in range(1, 13)} == {1.0}
