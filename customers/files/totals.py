"""Whether a column of totals is each line's own, or the whole order's, repeated on every line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice

from .evidence import Settled
from .money import split_price
from .numbers import Mark, NotANumber, decimal_of
from .questions import Question

ENOUGH = 1_000
"""Orders of several lines that are looked at."""
FEWEST = 3
"""Without prices, equal totals in fewer orders than this prove nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    order: str
    total: Decimal | None
    worth: Decimal | None
    """Quantity times price, where the row says both."""
    less: Decimal
    pieces: Decimal

    @property
    def differs(self) -> bool:
        """The total is not what this line's own numbers make."""
        if self.total is None or self.worth is None:
            return False
        slack = _slack(self.total, self.pieces)
        return all(
            abs(self.total - worth) > slack for worth in (self.worth, self.worth - self.less)
        )


Lines = Callable[[], Iterator[Line]]
Order = Sequence[Line]


def settle_total(*, sample: Lines, whole: Lines) -> Settled | Question:
    """`line`, or a question where the totals contradict their own lines."""
    orders = _several(sorted(sample(), key=_order_of)) or _several(whole())
    repeated = [order for order in orders if _is_repeated(order)]
    rows = [one for order in orders for one in order if one.total is not None]
    differing = [one for one in rows if one.differs]
    if any(one.worth is not None for one in rows):
        is_open = 2 * len(differing) > len(rows) or 2 * len(repeated) > len(orders)
    else:
        is_open = len(orders) >= FEWEST and len(repeated) == len(orders)
    if not is_open:
        return Settled("line", "nothing in its orders contradicts it" if orders else "")
    asks = "Is the total on each row the line's own, or the whole order's?"
    named = {one.order for one in differing} | {order[0].order for order in repeated}
    shown = (_spoken(order) for order in orders if order[0].order in named)
    return Question("total", asks, ("line", "order"), tuple(islice(shown, 2)))


def read_lines(
    rows: Iterable[Sequence[str]], columns: Mapping[str, int], *, mark: Mark
) -> Iterator[Line]:
    """What the totals are compared with; rows of no order are passed over."""
    keys = ("order_id",) if "order_id" in columns else ("customer", "occurred_at")
    places = [columns[name] for name in keys if name in columns]
    for row in rows:
        order = " ".join(row[at].strip() for at in places if at < len(row))
        if order.strip():
            yield _line(order, row, columns, mark)


def _line(order: str, row: Sequence[str], columns: Mapping[str, int], mark: Mark) -> Line:
    def number(field: str) -> Decimal | None:
        at = columns.get(field, len(row))
        try:
            return abs(decimal_of(split_price(row[at])[1], mark=mark)) if at < len(row) else None
        except NotANumber:
            return None

    price, pieces = number("unit_price"), number("quantity")
    one = Decimal(1) if pieces is None else pieces
    worth = None if price is None else price * one
    return Line(order, number("amount"), worth, number("discount") or Decimal(0), one)


def _several(lines: Iterable[Line]) -> list[Order]:
    """The orders of more than one line, of those whose lines stand together."""
    orders = (list(group) for _, group in groupby(lines, key=_order_of))
    return list(islice((order for order in orders if len(order) > 1), ENOUGH))


def _is_repeated(order: Order) -> bool:
    """One total for all of its lines, which is their sum where they have prices."""
    totals = {one.total for one in order if one.total is not None}
    if len(totals) != 1:
        return False
    worths = [one.worth for one in order if one.worth is not None]
    if not worths:
        return all(one.total is not None for one in order)
    total, pieces = totals.pop(), sum((one.pieces for one in order), Decimal(0))
    is_sum = abs(total - sum(worths, Decimal(0))) <= _slack(total, pieces)
    return is_sum and any(one.differs for one in order)


def _slack(total: Decimal, pieces: Decimal) -> Decimal:
    """Prices are rounded to a hundredth a piece, totals perhaps to a whole one in two hundred."""
    return max(pieces / 100, total / 200)


def _spoken(order: Order) -> str:
    totals = list(dict.fromkeys(str(one.total) for one in order if one.total is not None))
    worths = [one.worth for one in order if one.worth is not None]
    sums = f", quantity x price {' + '.join(map(str, worths[:4]))}" if worths else ""
    more = " + ..." if len(worths) > 4 else ""
    return (
        f"order {order[0].order}: {len(order)} lines, total {' and '.join(totals[:3])}{sums}{more}"
    )


def _order_of(line: Line) -> str:
    return line.order
