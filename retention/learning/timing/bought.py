"""What is known of customers and categories at a cut-off: what the chance of buying looks at."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, UNKNOWN, FloatArray, IntArray, Kind, Panel

NAMES: Final = (
    "how often anyone buys it",
    "their own pace in it",
    "lately",
    "share of their orders",
    "days since, against their usual gap",
    "the same, long overdue",
    "never bought it",
    "bought it once",
    "in their last order",
    "their pace in the shop",
    "days since their last order, against their usual gap",
    "the same, long overdue",
)
_FADES: Final = 90.0
"""Days in which what was bought lately fades to half."""
_PRIOR: Final = 1.0
"""So many orders of the average customer are added to everyone's own."""
_TINY: Final = 1e-4


@dataclass(frozen=True)
class Bought:
    """The days on which customers bought from categories, each once, and those with any order.

    customer, category, day : (m,) sorted by day. order_customer, order_day : (o,) likewise.
    """

    customer: IntArray
    category: IntArray
    day: IntArray
    order_customer: IntArray
    order_day: IntArray
    n_customers: int
    n_categories: int

    @classmethod
    def of(cls, panel: Panel, *, n_categories: int) -> Self:
        """From the purchases of a panel; products of no category are orders all the same."""
        bought = np.flatnonzero(panel.kind == Kind.PURCHASE)
        who, what = panel.customer[bought], panel.category[bought]
        day = panel.second[bought] // SECONDS_A_DAY
        orders = np.unique(day * panel.n_customers + who)
        known = what != UNKNOWN
        cell = who[known] * n_categories + what[known]
        cells = panel.n_customers * n_categories
        pairs = np.unique(day[known] * cells + cell)
        return cls(
            customer=pairs % cells // n_categories,
            category=pairs % n_categories,
            day=pairs // cells,
            order_customer=orders % panel.n_customers,
            order_day=orders // panel.n_customers,
            n_customers=panel.n_customers,
            n_categories=n_categories,
        )

    def before(self, day: float) -> Self:
        """What was known when a day began."""
        m, o = np.searchsorted(self.day, day), np.searchsorted(self.order_day, day)
        return type(self)(
            customer=self.customer[:m],
            category=self.category[:m],
            day=self.day[:m],
            order_customer=self.order_customer[:o],
            order_day=self.order_day[:o],
            n_customers=self.n_customers,
            n_categories=self.n_categories,
        )

    def came(self, customers: IntArray, *, since: float, days: float) -> FloatArray:
        """1 where one of these customers bought from a category in the days since, (n, c)."""
        within = slice(*np.searchsorted(self.day, [since, since + days]))
        found = np.zeros((self.n_customers, self.n_categories))
        found[self.customer[within], self.category[within]] = 1.0
        return found[customers]

    def audience(self, *, cut_off: float, days: float) -> IntArray:
        """Who ordered in the days before a cut-off, rising: those who are asked about."""
        within = slice(*np.searchsorted(self.order_day, [cut_off - days, cut_off]))
        return np.unique(self.order_customer[within])


@dataclass(frozen=True)
class Shelf:
    """Of everyone in the audience at a cut-off, (c,): what a customer is held against.

    base : share who bought from the category in the last days. rate : its days a day.
    """

    cut_off: float
    days: float
    base: FloatArray
    rate: FloatArray
    pace: float


@dataclass(frozen=True)
class Known:
    """What some customers did before a cut-off. (n, c) but for those of the whole shop, (n,)."""

    times: FloatArray
    first: FloatArray
    last: FloatArray
    faded: FloatArray
    orders: FloatArray
    began: FloatArray
    ended: FloatArray
    lately: FloatArray

    @classmethod
    def of(cls, past: Bought, customers: IntArray, *, cut_off: float) -> Self:
        """past : of before the cut-off. 80 bytes a customer and category."""
        place = np.full(past.n_customers, UNKNOWN)
        place[customers] = np.arange(len(customers))
        row = place[past.customer]
        mine = row >= 0
        shape = (len(customers), past.n_categories)
        cell, day = row[mine] * shape[1] + past.category[mine], past.day[mine].astype(np.float64)
        times, first, last, faded = _summed(cell, day, shape[0] * shape[1], cut_off)
        row = place[past.order_customer]
        mine = row >= 0
        whole = _summed(row[mine], past.order_day[mine].astype(np.float64), shape[0], cut_off)
        return cls(
            times.reshape(shape),
            first.reshape(shape),
            last.reshape(shape),
            faded.reshape(shape),
            *whole,
        )


def _summed(
    cell: IntArray, day: FloatArray, n: int, cut_off: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """How often, first and last day, and the faded number, (n,); days rise, nan for never."""
    times = np.bincount(cell, minlength=n).astype(np.float64)
    weights = np.exp2((day - cut_off) / _FADES)
    faded = np.bincount(cell, weights=weights, minlength=n).astype(np.float64)
    first: FloatArray = np.full(n, np.nan)
    last: FloatArray = np.full(n, np.nan)
    first[cell[::-1]] = day[::-1]
    last[cell] = day
    return times, first, last, faded


def shelf_of(past: Bought, *, cut_off: float, days: float, audience_days: float) -> Shelf:
    """What everybody buys. past : of before the cut-off."""
    everyone = past.audience(cut_off=cut_off, days=audience_days)
    known = Known.of(past, everyone, cut_off=cut_off)
    bought = past.came(everyone, since=cut_off - days, days=days).sum(axis=0)
    # Since each came: a shop's first years would make its rates look slow.
    lived = np.maximum(cut_off - known.began, 1.0).sum()
    return Shelf(
        cut_off=cut_off,
        days=days,
        base=(bought + 0.5) / (len(everyone) + 1.0),
        rate=(known.times.sum(axis=0) + 0.5) / (lived + days),
        pace=float((known.orders.sum() + 0.5) / (lived + days)),
    )


def own_rates(known: Known, shelf: Shelf) -> FloatArray:
    """Days with the category in the days to come, at their own past rate, (n, c)."""
    prior = _PRIOR / shelf.pace
    lived = np.maximum(shelf.cut_off - known.began, 1.0)[:, None]
    expected: FloatArray = (known.times + shelf.rate * prior) / (lived + prior) * shelf.days
    return expected


def features_of(known: Known, shelf: Shelf) -> FloatArray:
    """One row a customer and category, customer by customer, (n * c, len(NAMES))."""
    silent = np.maximum(shelf.cut_off - known.last, 0.5)
    gap = _gap(known.times, known.first, known.last, 1.0 / shelf.rate)
    overdue = np.nan_to_num(np.log(silent / gap))
    whole = np.maximum(shelf.cut_off - known.ended, 0.5)
    whole_gap = _gap(known.orders, known.began, known.ended, 1.0 / shelf.pace)
    away = np.log(whole / whole_gap)[:, None]
    pace = (known.orders + _PRIOR) / (shelf.cut_off - known.began + _PRIOR / shelf.pace)
    faded = (known.faded + _TINY + shelf.rate / shelf.pace) / (known.lately[:, None] + 1.0)
    share = (known.times + shelf.rate / shelf.pace) / (known.orders[:, None] + 1.0)
    ones = np.ones_like(known.times)
    columns = (
        np.log(shelf.base / (1 - shelf.base)) * ones,
        np.log(own_rates(known, shelf)),
        np.log(faded),
        np.log(share),
        overdue,
        np.maximum(overdue - 1.0, 0.0),
        (known.times == 0) * 1.0,
        (known.times == 1) * 1.0,
        (known.last == known.ended[:, None]) * 1.0,
        np.log(pace * shelf.days)[:, None] * ones,
        away * ones,
        np.maximum(away - 1.0, 0.0) * ones,
    )
    return np.stack(columns, axis=-1).reshape(-1, len(NAMES))


def _gap(
    times: FloatArray, first: FloatArray, last: FloatArray, usual: FloatArray | float
) -> FloatArray:
    """Days between two, between their own and the usual; nan for never."""
    gap: FloatArray = (last - first + usual) / np.maximum(times, 1.0)
    return gap
