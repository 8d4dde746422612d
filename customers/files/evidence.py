"""What the cells themselves prove about their dates, decimals and currency; else a question."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from . import dates, money, numbers
from .questions import Question


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer, and in words how it is known."""

    value: str
    because: str


MARKS = {".": "point", ",": "comma"}
Cells = Callable[[], Iterator[str]]
"""The cells of the columns in question, from the top; called again for the whole file."""


Placed = Callable[[], Iterator[tuple[int, str]]]
"""The same cells of the whole file, each with its line."""


def settle_decimal(
    given: str, *, sample: Cells, whole: Cells, placed: Placed
) -> Settled | Question:
    """One number in a hundred may contradict: its row is refused by its line later."""
    if given:
        return Settled(given, "you said so")
    counted = numbers.votes(sample())
    mark = _mark(counted)
    if mark is None and (counted["."] or counted[","] or counted["?"]):
        counted = numbers.votes(whole())
        mark = _mark(counted)
    if mark is not None:
        return Settled(mark, f"its numbers have a decimal {MARKS[mark]}")
    if not +counted:
        return Settled(".", "its numbers are whole")
    return _which_mark(placed())


def _mark(counted: Counter[str]) -> str | None:
    proven = counted["."] + counted[","]
    return next((mark for mark in MARKS if proven and counted[mark] >= 0.99 * proven), None)


def _which_mark(cells: Iterator[tuple[int, str]]) -> Question:
    """Asked with the evidence: how many say which, and where the first of each stands."""
    counted: Counter[str] = Counter()
    first: dict[str, tuple[int, str]] = {}
    for line, cell in cells:
        for vote in numbers.votes([cell]):
            counted[vote] += 1
            first.setdefault(vote, (line, cell))
    if not counted["."] and not counted[","]:
        asks = "Is 1,234 a thousand or one and a bit? Which mark is the decimal one?"
        line, cell = first["?"]
        return Question("decimal", asks, (".", ","), (f"line {line:,}: {cell}",))
    said = (
        f"{count:,} {'says' if count == 1 else 'say'} {MARKS[mark]}"
        f" (line {first[mark][0]:,}: {first[mark][1]})"
        for mark, count in counted.most_common()
        if mark in MARKS
    )
    asks = f"Which mark is the decimal one? Of its numbers {', '.join(said)}."
    return Question("decimal", asks, (".", ","))


def settle_order(
    given: str, *, sample: Cells, whole: Cells, latest: datetime
) -> Settled | Question:
    if given:
        return Settled(given, "you said so")
    counted = dates.votes(sample(), latest=latest)
    if not +counted:
        # Should an open one come later after all, it is refused by its line.
        return Settled("Y-M-D", "its dates can be read in one way only")
    order = dates.settled(counted)
    if order is None:
        order = dates.settled(dates.votes(whole(), latest=latest))
    if order is not None:
        return Settled(order, f"some of its dates fit {order} only")
    asks = "Do its dates begin with the day, the month or the year? All would do."
    examples = _shown(sample(), lambda cell: dates.votes([cell], latest=latest))
    return Question("dates", asks, dates.ORDERS, examples)


def settle_currency(
    given: str, *, by_layout: str, by_shop: str, sample: Cells
) -> Settled | Question:
    if given:
        return Settled(given.upper(), "you said so")
    named = money.currencies_named(sample())
    usual = by_layout or by_shop
    if not named or all(usual in allowed for allowed in named):
        because = "this set's currency" if by_layout else "the shop's own"
        return Settled(usual, f"{because}{', and its prices agree' if named else ''}")
    common = set.intersection(*map(set, named))
    if len(common) == 1:
        return Settled(common.pop(), "the signs beside its prices say so")
    choices = tuple(sorted(common or set().union(*named)))
    return Question("currency", "In which currency are its prices?", choices)


def _shown(cells: Iterator[str], vote: Callable[[str], Counter[str]]) -> tuple[str, ...]:
    """A few cells that leave it open."""
    open_ones = (cell for cell in cells if vote(cell)["?"])
    return tuple(dict.fromkeys(cell for cell, _ in zip(open_ones, range(50), strict=False)))[:3]
