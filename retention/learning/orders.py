"""Purchases grouped into orders, as one time series a customer."""

from dataclasses import dataclass

import numpy as np

from retention.learning.panel import SECONDS_A_DAY, FloatArray, IntArray, Kind, Panel


@dataclass(frozen=True)
class Orders:
    """The orders of a panel, sorted by customer and time.

    customer, second, amount, lines : (m,) who, when, minor units paid, lines bought.
    start : (n_customers + 1,) customer c's orders are start[c]:start[c + 1].
    """

    customer: IntArray
    second: IntArray
    amount: IntArray
    lines: IntArray
    start: IntArray

    @property
    def count(self) -> IntArray:
        """How many orders each customer placed, (n_customers,)."""
        return np.diff(self.start)


def orders_of(panel: Panel) -> Orders:
    """Group a panel's purchases; an order happens at its first line."""
    rows = np.flatnonzero(panel.kind == Kind.PURCHASE)
    # The panel is sorted by time within a customer, so the first line is the earliest.
    _, first, line_of = np.unique(panel.order[rows], return_index=True, return_inverse=True)
    m = len(first)
    customer, second = panel.customer[rows][first], panel.second[rows][first]
    amount = whole_sums(line_of, panel.amount[rows], m)
    lines = np.bincount(line_of, minlength=m).astype(np.int64)
    # Amount and lines break ties, so that equal sets of events give equal series.
    by = np.lexsort((lines, amount, second, customer))
    return Orders(
        customer=customer[by],
        second=second[by],
        amount=amount[by],
        lines=lines[by],
        start=np.searchsorted(customer[by], np.arange(panel.n_customers + 1)),
    )


def whole_sums(group: IntArray, amounts: IntArray, n: int) -> IntArray:
    """Sums of whole numbers by group, (n,). Exact up to 2**53, whatever the order of rows."""
    return np.bincount(group, weights=amounts, minlength=n).astype(np.int64)


@dataclass(frozen=True)
class OrderDays:
    """The calendar days on which customers ordered, and the gaps between them.

    customer, day : (d,) sorted. Two orders on one day are one order day.
    start : (n_customers + 1,)
    gap_customer, gap : (g,) whole days between neighbouring order days of a customer, in time.
    """

    customer: IntArray
    day: IntArray
    start: IntArray
    gap_customer: IntArray
    gap: IntArray

    @property
    def gaps(self) -> IntArray:
        """How many gaps each customer has, (n_customers,)."""
        return np.bincount(self.gap_customer, minlength=len(self.start) - 1)

    def usual_gap(self) -> FloatArray:
        """The median gap of each customer, (n_customers,); nan where there is none."""
        return medians(self.gap_customer, self.gap, len(self.start) - 1)


def medians(customer: IntArray, gaps: IntArray, n: int) -> FloatArray:
    """The median of each of n customers' gaps, (n,); nan where there is none.

    customer : (g,) ascending.
    """
    gap = gaps[np.lexsort((gaps, customer))].astype(np.float64)
    start = np.searchsorted(customer, np.arange(n + 1))
    count, median = np.diff(start), np.full(n, np.nan)
    many, begin = count[count > 0], start[:-1][count > 0]
    median[count > 0] = (gap[begin + (many - 1) // 2] + gap[begin + many // 2]) / 2
    return median


def order_days(orders: Orders) -> OrderDays:
    """Merge the orders of a day; the gaps of a rhythm are between days."""
    customer, day = orders.customer, orders.second // SECONDS_A_DAY
    new = np.ones(len(day), dtype=bool)
    new[1:] = (np.diff(customer) != 0) | (np.diff(day) != 0)
    customer, day = customer[new], day[new]
    same = np.diff(customer) == 0
    return OrderDays(
        customer=customer,
        day=day,
        start=np.searchsorted(customer, np.arange(len(orders.start))),
        gap_customer=customer[1:][same],
        gap=np.diff(day)[same],
    )
