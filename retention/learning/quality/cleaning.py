"""What operators decided to leave out, applied to arrays. The events themselves never change."""

from dataclasses import asdict, dataclass, field

import numpy as np

from retention.learning.panel import IntArray
from retention.learning.quality.duplicates import MONEY, copies, repeats
from retention.learning.quality.log import Log
from retention.learning.quality.prices import winsorised

ARRIVAL = ("event", "delivery")
"""Columns that tell one telling of a thing from another; read only where that is asked."""


def _nothing() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Cleaning:
    """The decisions in force.

    excluded : ids of customers that are no persons. duplicates, repeats : leave out what was told
    twice, and lines that stand twice in their order. all_prices, products : winsorise the prices
    of all products, or of these ids. line_cap : minor units that no line exceeds.
    """

    excluded: IntArray = field(default_factory=_nothing)
    duplicates: bool = False
    repeats: bool = False
    all_prices: bool = False
    products: IntArray = field(default_factory=_nothing)
    line_cap: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What has to be read beside what learning needs."""
        return ARRIVAL if self.duplicates or self.repeats else ()

    @property
    def winsorises(self) -> bool:
        """Whether a price is held against the other prices of its product."""
        return self.all_prices or len(self.products) > 0


@dataclass(frozen=True)
class LeftOut:
    """How many customers with events, how many events, and how many lines count for less."""

    customers: int = 0
    events: int = 0
    capped: int = 0

    def as_json(self) -> dict[str, int]:
        """Only what there is: {} where nothing was left out."""
        return {name: count for name, count in asdict(self).items() if count}


@dataclass(frozen=True)
class Cleaned:
    """kept : (m,) rows of the log. amount : (m,) minor units they count as."""

    kept: IntArray
    amount: IntArray
    left_out: LeftOut


def clean(log: Log, cleaning: Cleaning) -> Cleaned:
    """Leave out, then cap. Counted is what models would otherwise have learned from."""
    excluded = np.isin(log.customer, cleaning.excluded)
    rows = np.flatnonzero(~excluded)
    if cleaning.duplicates:
        rows = rows[~copies(log.take(rows))]
    if cleaning.repeats:
        rows = rows[~repeats(log.take(rows))]
    left = log.take(rows)
    amount = _capped(left, cleaning)
    return Cleaned(
        kept=rows,
        amount=amount,
        left_out=LeftOut(
            customers=len(np.unique(log.customer[excluded & log.learned])),
            events=int(log.learned.sum() - left.learned.sum()),
            capped=int(((amount != left.amount) & left.learned).sum()),
        ),
    )


def _capped(log: Log, cleaning: Cleaning) -> IntArray:
    amount = log.amount
    money = log.learned & np.isin(log.kind, MONEY)
    if cleaning.winsorises:
        mine = money if cleaning.all_prices else money & np.isin(log.product, cleaning.products)
        amount = winsorised(log.product, log.quantity, amount, log.discount, priced=mine)
    if cleaning.line_cap is not None:
        amount = np.where(money, np.minimum(amount, cleaning.line_cap), amount)
    return amount
