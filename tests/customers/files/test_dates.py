from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from customers.files.dates import NotADate, Order, moment_reader, settled, votes

from .made import NOW

LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")


def read(cell: str, order: Order = "D/M/Y", zone: ZoneInfo = UTC_ZONE) -> str:
    return moment_reader(order=order, zone=zone)(cell).isoformat()


@pytest.mark.parametrize(
    "cell",
    [
        "2011-02-01 08:26:00",
        "2011-02-01T08:26:00Z",
        "2011-02-01T10:26:00+02:00",
        "2011-02-01 08:26:00 UTC",
        "2011/02/01 08:26",
        "01/02/2011 08:26",
        "1.2.2011 8:26",
        "01-02-11 08:26",
        "1 February 2011 8:26",
        "01-Feb-2011 08:26",
        "1. Februar 2011, 08:26",
        "Feb 1, 2011 8:26 AM",
        "1/2/2011 8:26 a.m.",
        "20110201082600",
        "1296548760",
        "1296548760000",
        "40575.3513888889",
    ],
)
def test_a_moment_is_read_however_it_is_written(cell: str) -> None:
    assert read(cell) == "2011-02-01T08:26:00+00:00"


def test_day_and_month_are_taken_in_the_order_that_was_settled() -> None:
    assert read("01/02/2011", "D/M/Y") == "2011-02-01T00:00:00+00:00"
    assert read("01/02/2011", "M/D/Y") == "2011-01-02T00:00:00+00:00"
    assert read("11-02-01", "Y-M-D") == "2011-02-01T00:00:00+00:00"


def test_a_local_time_is_the_shops() -> None:
    assert read("2011-07-01 12:00", zone=LONDON) == "2011-07-01T11:00:00+00:00"
    assert read("2011-12-01", zone=LONDON) == "2011-12-01T00:00:00+00:00"


def test_an_afternoon_is_told_from_a_morning() -> None:
    assert read("2011-02-01 12:05 AM") == "2011-02-01T00:05:00+00:00"
    assert read("2011-02-01 3:05 pm") == "2011-02-01T15:05:00+00:00"


@pytest.mark.parametrize(
    "cell",
    ["", "31/02/2011", "2011-13-01", "yesterday", "12", "1/1", "2011-02-01 25:00", "01/02-2011"],
)
def test_a_broken_date_is_refused(cell: str) -> None:
    with pytest.raises(NotADate):
        read(cell)


@pytest.mark.parametrize(
    "cell", ["0001-01-01 00:00:00", "0001-01-01T00:00:00Z", "01/01/0001", "9999-12-31 23:59:59"]
)
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York"])
def test_either_end_of_the_calendar_is_refused_in_every_zone(cell: str, zone: str) -> None:
    read = moment_reader(order="D/M/Y", zone=ZoneInfo(zone))

    with pytest.raises(NotADate, match="stands for no date"):
        read(cell)


def test_a_month_first_date_is_never_taken_in_a_day_first_file() -> None:
    with pytest.raises(NotADate):
        read("01/31/2011", "D/M/Y")


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2011", "31/01/2011"], "D/M/Y"),
        (["01/02/2011", "01/31/2011"], "M/D/Y"),
        (["01.02.2011"], "D/M/Y"),
        (["31/12/11"], "D/M/Y"),
        (["11/12/31"], "Y-M-D"),
        (["01/02/2011"], None),
        (["03/04/11", "12/11/10"], None),
        (["13/01/2011", "01/13/2011"], None),
        (["31/12/2011"] * 199 + ["01/13/2011"], "D/M/Y"),
    ],
)
def test_one_cell_that_fits_a_single_order_settles_it(cells: list[str], order: str | None) -> None:
    latest = datetime(2012, 1, 1, tzinfo=UTC)

    assert settled(votes(cells, latest=latest)) == order


def test_dates_with_the_year_first_leave_nothing_open() -> None:
    assert votes(["2011-02-01", "05/05/2011", "no date", "40575"], latest=NOW) == Counter()
