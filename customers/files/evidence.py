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


Cells = Callable[[], Iterator[str]]
"""The cells of the columns in question, from the top; called again for the whole file."""


def settle_decimal(given: str, *, sample: Cells, whole: Cells) -> Settled | Question:
    if given:
        return Settled(given, "you said so")
    counted = numbers.votes(sample())
    if not counted["."] and not counted[","]:
        counted = numbers.votes(whole())
    proven = counted["."] + counted[","]
    for mark, spoken in ((".", "point"), (",", "comma")):
        if proven and counted[mark] >= 0.99 * proven:
            return Settled(mark, f"its numbers have a decimal {spoken}")
    if not proven and not counted["?"]:
        return Settled(".", "its numbers are whole")
    asks = "Is 1,234 a thousand or one and a bit? Which mark is the decimal one?"
    return Question(
        "decimal", asks, (".", ","), _shown(sample(), lambda cell: numbers.votes([cell]))
    )


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
