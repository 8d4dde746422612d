"""What is bought after what: "who bought this bought that in a later order, usually so long after".

Each customer counts once for a product, by their first order with it, and only where the window
after it has passed whole. Customers who buy much come back for everything, so a share is held
against that of customers who came back for as many products; docs/algorithms/baskets.md.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retention.learning.basket.chance import adjusted, bands, tail
from retention.learning.basket.measures import Measures
from retention.learning.basket.orders import Baskets
from retention.learning.interactions import Csr
from retention.learning.panel import SECONDS_A_DAY, BoolArray, FloatArray, IntArray
from retention.learning.together import Together, ones

ARRAYS = ("first", "then", "both", "of", "expected", "back", "gap", "q")


@dataclass(frozen=True, eq=False)
class Sequences(Measures):
    """m rules over the customers of n_customers whose window after some order has passed.

    first, then : (m,) products · both, of : (m,) customers who bought `then` later, of those who
    bought `first` · expected : (m,) how many of them would by chance · back : (m,) customers the
    other way round · gap : (m, 3) days from the one to the other, quartiles · q : see `adjusted`.
    """

    first: IntArray
    then: IntArray
    both: IntArray
    of: IntArray
    expected: FloatArray
    back: IntArray
    gap: FloatArray
    q: FloatArray
    n_customers: int
    within_days: int

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: IntArray | BoolArray) -> Self:
        """Some of the rules, in the order asked."""
        return replace(self, **{name: getattr(self, name)[rows] for name in ARRAYS})

    @property
    def total(self) -> int:
        """All customers whose window after some order has passed."""
        return self.n_customers

    @property
    def usual(self) -> FloatArray:
        """The share that chance gives."""
        return self.expected / self.of


def then_buys(
    baskets: Baskets,
    *,
    within_days: int,
    until_second: int,
    least: int,
    q: float = 0.05,
    most: int | None = None,
    threads: int | None = None,
) -> Sequences:
    """The products that at least `least` customers bought in a later order within so many days.

    until_second : the end of what is known, on the clock of the baskets.
    most : of more that hold, those with the most customers beyond chance.
    Time and memory grow with the products in all orders within a window of each other.
    """
    return _Follow(baskets, within_days, until_second, least).rules(q=q, most=most, threads=threads)


class _Follow:
    """The orders with the window that follows each: its orders are later[i]:end[i]."""

    def __init__(self, baskets: Baskets, within_days: int, until_second: int, least: int) -> None:
        self.baskets, self.least, self.within_days = baskets, least, within_days
        window = within_days * SECONDS_A_DAY
        second = baskets.second - baskets.second.min(initial=until_second)
        key = baskets.customer * (second.max(initial=0) + window + 1) + second
        self.later = np.searchsorted(key, key, side="right")
        self.end = np.searchsorted(key, key + window, side="right")
        self.whole = baskets.second + window <= until_second
        buyers = np.bincount(_first_of_each(baskets).indices, minlength=baskets.held.shape[1])
        self.items = np.flatnonzero(buyers >= least)
        self.held = baskets.held[:, self.items]

    def rules(self, *, q: float, most: int | None, threads: int | None) -> Sequences:
        first, then, both = Together.of(self.firsts, self.follows).at_least(
            self.least, threads=threads
        )
        other = first != then
        first, then, both = first[other], then[other], both[other]
        expected = self._expected(first, then)
        tested = len(self.items) * (len(self.items) - 1)
        kept = adjusted(tail(both, self.buyers[first], expected), tested=float(tested))
        held = np.flatnonzero(kept <= q)
        held = held[np.argsort(-(both - expected)[held], kind="stable")][:most]
        first, then = first[held], then[held]
        pairs = list(zip(first.tolist(), then.tolist(), strict=True))
        gaps = [np.quantile(self._gaps(*pair), (0.25, 0.5, 0.75)) for pair in pairs]
        return Sequences(
            first=self.items[first],
            then=self.items[then],
            both=both[held],
            of=self.buyers[first],
            expected=expected[held],
            back=np.array([len(self._gaps(b, a)) for a, b in pairs], dtype=np.int64),
            gap=np.array(gaps, dtype=np.float64).reshape(len(pairs), 3),
            q=kept[held],
            n_customers=len(np.unique(self.baskets.customer[self.whole])),
            within_days=self.within_days,
        )

    @cached_property
    def firsts(self) -> Csr:
        """Each customer's first order with a product, where its window is whole: ones."""
        firsts = _first_of_each(Baskets(self.held, self.baskets.customer, self.baskets.second))
        return _only(firsts, self.whole)

    @cached_property
    def follows(self) -> Csr:
        """The products in the later orders of each order's window: ones."""
        lengths = np.where(self.whole, self.end - self.later, 0)
        ends = np.cumsum(lengths)
        orders = np.arange(lengths.sum()) + np.repeat(self.later - ends + lengths, lengths)
        m = len(self.baskets)
        cells = (np.ones(len(orders), np.float32), orders, np.append(0, ends))
        return ones(csr_array(cells, shape=(m, m)) @ self.held)

    @cached_property
    def buyers(self) -> IntArray:
        """Customers who bought each product, the window after it whole."""
        return np.bincount(self.firsts.indices, minlength=len(self.items)).astype(np.int64)

    def _expected(self, first: IntArray, then: IntArray) -> FloatArray:
        """Customers who would by chance: of each width of return the share of all its orders."""
        widths = np.diff(self.follows.indptr)
        band = bands(widths.astype(np.int64))
        shape = (int(band.max(initial=0)) + 1, len(self.items))
        came = _table(np.repeat(band, widths), self.follows.indices, shape)
        row = np.repeat(band, np.diff(self.firsts.indptr))
        bought = _table(row, self.firsts.indices, shape)
        orders = np.bincount(band[self.whole], minlength=shape[0]).clip(min=1)
        share = came / orders[:, None]
        return np.asarray((bought[:, first] * share[:, then]).sum(axis=0))

    def _gaps(self, first: int, then: int) -> FloatArray:
        """Days from each customer's first order with the one to their next with the other."""
        start = self._orders(self.firsts_by_item, first)
        target = self._orders(self.held_by_item, then)
        at = np.searchsorted(target, self.later[start])
        there = np.append(target, len(self.baskets))[at]
        came = there < self.end[start]
        seconds = self.baskets.second[there[came]] - self.baskets.second[start[came]]
        return np.asarray(seconds / SECONDS_A_DAY)

    @cached_property
    def firsts_by_item(self) -> Csr:
        return _turned(self.firsts)

    @cached_property
    def held_by_item(self) -> Csr:
        return _turned(self.held)

    @staticmethod
    def _orders(by_item: Csr, item: int) -> NDArray[np.integer]:
        return by_item.indices[by_item.indptr[item] : by_item.indptr[item + 1]]


def _first_of_each(baskets: Baskets) -> Csr:
    """Only each customer's first order with each product."""
    held = baskets.held
    order = np.repeat(np.arange(len(baskets)), np.diff(held.indptr))
    _, first = np.unique(baskets.customer[order] * held.shape[1] + held.indices, return_index=True)
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[first] = True
    return _cells(held, kept)


def _only(table: Csr, rows: BoolArray) -> Csr:
    return _cells(table, np.repeat(rows, np.diff(table.indptr)))


def _cells(table: Csr, kept: BoolArray) -> Csr:
    """The table with some of its cells."""
    row = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))[kept]
    starts = np.append(0, np.cumsum(np.bincount(row, minlength=table.shape[0])))
    return csr_array((table.data[kept], table.indices[kept], starts), shape=table.shape)


def _turned(table: Csr) -> Csr:
    """Columns as rows, their orders rising."""
    turned = table.T.tocsr()
    turned.sort_indices()
    return turned


def _table(
    row: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]
) -> FloatArray:
    cells = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return cells.reshape(shape).astype(np.float64)
