"""One clock for all that is shown and typed, and UTC for engineers."""

from datetime import UTC, date, datetime

import pytest
from pytest_django.fixtures import Settings

from campaigns.admin.trigger_form import _end_of
from retention.access.api.renderers import UtcJSONRenderer
from retention.present.moments import day

NEARLY_MIDNIGHT = datetime(2026, 6, 3, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [("America/Los_Angeles", "3 June 2026"), ("Asia/Shanghai", "4 June 2026")],
)
def test_a_day_is_the_shops(settings: Settings, zone: str, said: str) -> None:
    settings.TIME_ZONE = zone

    assert day(NEARLY_MIDNIGHT) == said


@pytest.mark.parametrize(("zone", "hour"), [("America/Los_Angeles", 7), ("Asia/Shanghai", 16)])
def test_the_end_of_a_day_that_is_typed_is_the_shops(
    settings: Settings, zone: str, hour: int
) -> None:
    settings.TIME_ZONE = zone

    assert _end_of(date(2026, 6, 3)).astimezone(UTC).hour == hour


def test_the_api_tells_moments_in_utc(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    local = datetime(2026, 6, 4, 7, 30).astimezone()

    written = UtcJSONRenderer().render({"at": NEARLY_MIDNIGHT, "same": local})

    assert written == b'{"at":"2026-06-03T23:30:00Z","same":"2026-06-03T23:30:00Z"}'
