"""Moments as spreadsheets write them. Only the order of day and month is ever open; it is asked."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from .numbers import remembering

Order = Literal["D/M/Y", "M/D/Y", "Y-M-D"]
ORDERS: tuple[Order, ...] = ("D/M/Y", "M/D/Y", "Y-M-D")

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen janv januar january janvier enero gennaio",
            "feb fév fev févr febr februar february février febrero febbraio",
            "mar mär mrz mars märz march marzo maart mrt",
            "apr avr abr april avril abril aprile",
            "may mai mag mayo maggio mei maj",
            "jun juin giu juni june junio giugno",
            "jul juil lug juli july juillet julio luglio",
            "aug août aou ago august agosto augustus",
            "sep sept set september septembre septiembre settembre",
            "oct okt ott october oktober octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec dez déc dic december dezember décembre diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
DATE = re.compile(r"(\d{1,4})([/.-])\s?(\d{1,2})\2\s?(\d{1,4})\.?(?:[T,\s]+(.*))?")
NAMED_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+([^\W\d]{3,10})\.?,?[\s-]+(\d{2,4})(?:[T,\s]+(.*))?"
)
NAMED_MONTH_FIRST = re.compile(
    r"([^\W\d]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[T,\s]+(.*))?"
)
TIME = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{3}|\.\d{6})?)?(?:Z|[+-]\d\d:\d\d)?)?$"
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone


class NotADate(ValueError):
    """The cell holds no moment in the way this file writes them."""


def votes(cells: Iterable[str], *, latest: datetime) -> Counter[str]:
    """How many cells fit each order of day, month and year that is not the same in all of them.

    A cell that means one day in every order it fits votes for nothing; `?` counts the open ones.
    """
    counted: Counter[str] = Counter()
    for cell in cells:
        if match := DATE.fullmatch(cell.strip()):
            fits = _orders_that_fit(match, latest=latest)
            if len(fits) == 1:
                counted[next(iter(fits))] += 1
            elif len(set(fits.values())) > 1:
                counted["?"] += 1
                counted.update({f"may be {order}": 1 for order in fits})
    return counted


def settled(counted: Counter[str]) -> Order | None:
    """The one order the votes allow; None where they leave it open.

    One cell in a hundred may contradict: it is refused by its line later, never read another way.
    """
    proven = {order: counted[order] for order in ORDERS if counted[order]}
    if proven:
        first = max(proven, key=proven.__getitem__)
        return first if proven[first] >= 0.99 * sum(proven.values()) else None
    possible = [order for order in ORDERS if counted[f"may be {order}"] == counted["?"]]
    return possible[0] if len(possible) == 1 else None


def moment_reader(*, order: Order, zone: ZoneInfo) -> Callable[[str], datetime]:
    """cell -> an aware UTC moment; times without a zone are the shop's. Raises NotADate.

    A time that the clocks passed twice in autumn is taken as its first pass.
    """

    def read(cell: str) -> datetime:
        text = cell.strip()
        try:
            moment = _from_number(text) if NUMBER.fullmatch(text) else _from_words(text, order)
            if not MINYEAR < moment.year < MAXYEAR:
                # Programs write "never" so, and in another zone it may be no year at all.
                raise ValueError(f"the year {moment.year} stands for no date")
        except (ValueError, OverflowError) as error:
            raise NotADate(f"{cell!r} is no date ({error})") from error
        aware = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        return aware.astimezone(UTC)

    return remembering(read)


def _from_number(text: str) -> datetime:
    """Their sizes tell numbers apart: Excel's days, Unix seconds or milliseconds, 20240131."""
    value = float(text.replace(",", "."))
    whole = text.partition(".")[0]
    if len(whole) == 5:
        # To the nearest second: a day's fraction holds no more.
        return EXCEL_DAY_ZERO + timedelta(seconds=round(value * 86_400))
    if len(whole) in {9, 10}:
        return datetime.fromtimestamp(value, UTC)
    if len(whole) in {12, 13}:
        return datetime.fromtimestamp(value / 1000, UTC)
    if len(text) in {8, 14} and text.isdigit():
        clock = text[8:] or "000000"
        return datetime.strptime(text[:8] + clock, "%Y%m%d%H%M%S")  # noqa: DTZ007 - zone follows
    raise ValueError("a number of this size is no date")


def _from_words(text: str, order: Order) -> datetime:
    if ISO.match(text):
        return datetime.fromisoformat(text)
    if match := DATE.fullmatch(text):
        year, month, day = _in_order(match, order)
        return _at_clock(year, month, day, match[5])
    if match := NAMED_DAY_FIRST.fullmatch(text):
        return _at_clock(_century(match[3]), _month(match[2]), int(match[1]), match[4])
    if match := NAMED_MONTH_FIRST.fullmatch(text):
        return _at_clock(int(match[3]), _month(match[1]), int(match[2]), match[4])
    raise ValueError("day, month and year cannot be told")


def _orders_that_fit(match: re.Match[str], *, latest: datetime) -> dict[str, datetime]:
    fits: dict[str, datetime] = {}
    if len(match[1]) >= 3:
        return {}
    # Nowhere do dots stand between a month, a day and a year in this order.
    orders = ORDERS if match[2] != "." else ("D/M/Y", "Y-M-D")
    for order in orders:
        try:
            moment = datetime(*_in_order(match, order))  # noqa: DTZ001 - only compared
        except ValueError:
            continue
        if moment <= latest.replace(tzinfo=None) + timedelta(days=1):
            fits[order] = moment
    return fits


def _in_order(match: re.Match[str], order: Order) -> tuple[int, int, int]:
    """(year, month, day). A year of four digits at the front is one in every order."""
    first, _, second, third, _ = match.groups()
    if len(first) == 4:
        return int(first), int(second), int(third)
    if order == "Y-M-D":
        if len(first) != 2 or len(third) > 2:
            raise ValueError("the year does not come first")
        return _century(first), int(second), int(third)
    if len(third) not in {2, 4} or len(first) > 2:
        raise ValueError("the year does not come last")
    day, month = (first, second) if order == "D/M/Y" else (second, first)
    return _century(third), int(month), int(day)


def _century(year: str) -> int:
    """Two digits as POSIX reads them: 69 to 99 are of the last century."""
    if len(year) != 2:
        return int(year)
    return int(year) + (1900 if int(year) >= 69 else 2000)


def _month(name: str) -> int:
    try:
        return MONTHS[name.lower()]
    except KeyError:
        raise ValueError(f"no month is called {name!r}") from None


def _at_clock(year: int, month: int, day: int, clock: str | None) -> datetime:
    midnight = datetime(year, month, day)  # noqa: DTZ001 - the reader gives it its zone
    if not clock:
        return midnight
    match = TIME.fullmatch(clock.strip())
    if match is None:
        raise ValueError(f"{clock!r} is no time of day")
    hours, minutes, seconds, fraction, half, zone = match.groups()
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{clock!r} is no time of day")
        hour = hour % 12 + (12 if half in "Pp" else 0)
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    moment = midnight.replace(
        hour=hour, minute=int(minutes), second=int(seconds or 0), microsecond=microsecond
    )
    return moment.replace(tzinfo=_offset(zone)) if zone else moment


def _offset(zone: str) -> timezone:
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if zone[0] == "-" else span)
