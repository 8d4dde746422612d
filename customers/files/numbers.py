"""Numbers as spreadsheets write them: which mark is the decimal one, and nothing guessed."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Literal, TypeVar

Mark = Literal[".", ","]
T = TypeVar("T")

REMEMBERED = 50_000
SPACES = re.compile(r"[\s\u00a0\u202f\u2009'\u2019]")
UNGROUPED = {".": re.compile(r"\d*\.\d+|\d+\.?"), ",": re.compile(r"\d*,\d+|\d+,?")}
# Groups of three; of two before them where India counts lakhs.
GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?"),
    ",": re.compile(r"\d{1,3}(?:\.\d{2,3})*\.\d{3}(?:,\d*)?"),
}
SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[eE][+-]?\d{1,2}")


class NotANumber(ValueError):
    """The cell holds no number in the way this file writes them."""


def votes(cells: Iterable[str]) -> Counter[str]:
    """How many cells settle the decimal mark as "." or ",", and how many leave it open ("?")."""
    return Counter(vote for cell in cells if (vote := _vote(cell)))


def decimal_of(cell: str, *, mark: Mark) -> Decimal:
    """The number in a cell. Raises NotANumber; never takes a thousands mark for a decimal one."""
    bare, negative = _bare(cell)
    if not bare.isascii():
        raise NotANumber(f"{cell!r} is no number")
    if UNGROUPED[mark].fullmatch(bare):
        point = bare.replace(",", ".")
    elif GROUPED[mark].fullmatch(bare):
        point = bare.replace("." if mark == "," else ",", "").replace(",", ".")
    elif not SCIENTIFIC.fullmatch(point := bare.replace(mark, ".")):
        raise NotANumber(f"{cell!r} is no number where {mark!r} is the decimal mark")
    value = Decimal(point)
    return -value if negative else value


def whole_reader(*, mark: Mark) -> Callable[[str], int]:
    """cell -> a whole number ("2", "2.0", "1,000"). Raises NotANumber."""

    def read(cell: str) -> int:
        value = decimal_of(cell, mark=mark)
        if abs(value) >= 2**31 or value != int(value):
            raise NotANumber(f"{cell!r} is no whole number below {2**31:,}")
        return int(value)

    return remembering(read)


def float_reader(*, mark: Mark) -> Callable[[str], float]:
    """cell -> a float, for ratings. Raises NotANumber."""
    return remembering(lambda cell: float(decimal_of(cell, mark=mark)))


def remembering(read: Callable[[str], T]) -> Callable[[str], T]:
    """Equal cells are worked out once: an order export repeats its prices, dates and quantities."""
    known: dict[str, T] = {}

    def look_up(cell: str) -> T:
        try:
            return known[cell]
        except KeyError:
            if len(known) >= REMEMBERED:
                known.clear()
            value = known[cell] = read(cell)
            return value

    return look_up


def _vote(cell: str) -> str:
    """ "." or "," where the cell proves its mark, "?" where both would do, "" where it has none."""
    bare, _ = _bare(cell)
    marks = re.sub(r"\d", "", bare)
    if not marks or not set(marks) <= {".", ","}:
        return ""
    last = marks[-1]
    other = "." if last == "," else ","
    if len(marks) > 1:
        # The last of two kinds is the decimal one; a mark that repeats is the thousands one.
        mark = last if marks.count(last) == 1 else other
        return mark if GROUPED[mark].fullmatch(bare) else ""
    before, after = bare.split(last)
    could_group = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    return "?" if could_group else last


def _bare(cell: str) -> tuple[str, bool]:
    """Digits and marks without spaces, signs and brackets; and whether it is negative."""
    text = SPACES.sub("", cell).replace("\u2212", "-")
    bracketed = text.startswith("(") and text.endswith(")")
    if bracketed:
        text = text[1:-1]
    negative = bracketed or text.startswith("-") or text.endswith("-")
    return text.strip("+-"), negative
