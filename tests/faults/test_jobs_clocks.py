"""Local times mean local times, in every zone there is: exactly one run each local day."""

import zoneinfo
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.faults.processes import WHOLE
from tests.jobs.test_resolver import run_days

pytestmark = pytest.mark.faults

ZONES = sorted(zoneinfo.available_timezones())[:: 1 if WHOLE else 25]
TIMES = [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(3, 0), time(23, 30)]
START, DAYS = date(2024, 1, 1), 7 * 365 + 2
"""2024 to 2030."""


@pytest.mark.parametrize("wall", TIMES if WHOLE else TIMES[::5], ids=str)
def test_every_zone_has_one_run_a_local_day(wall: time) -> None:
    wanted = [START + timedelta(days=n) for n in range(DAYS)]

    wrong = [
        name for name in ZONES if run_days(ZoneInfo(name), wall, start=START, days=DAYS) != wanted
    ]

    assert wrong == []
