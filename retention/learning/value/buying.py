"""What is known of each customer's orders at a cut-off: all that models of value look at."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.learning.orders import order_days, orders_of, whole_sums
from retention.learning.panel import FloatArray, IntArray, Kind, Panel


@dataclass(frozen=True)
class Buying:
    """What is known of each customer's orders at a cut-off; all (n_customers,).

    order_days : days with an order. tenure, silence : days since the first and the last of them,
        nan for who never ordered. orders, spend : orders, and minor units net of returns.
    """

    order_days: FloatArray
    tenure: FloatArray
    silence: FloatArray
    orders: FloatArray
    spend: FloatArray

    def take(self, rows: IntArray) -> Self:
        """These customers."""
        columns = (self.order_days, self.tenure, self.silence, self.orders, self.spend)
        return type(self)(*(column[rows] for column in columns))


def buying(panel: Panel, *, cut_off: float) -> Buying:
    """What the orders before the cut-off say about each customer."""
    past = panel.before(cut_off)
    orders = orders_of(past)
    days = order_days(orders)
    n = panel.n_customers
    bought = np.diff(days.start) > 0
    first, last = np.full(n, np.nan), np.full(n, np.nan)
    first[bought] = days.day[days.start[:-1][bought]]
    last[bought] = days.day[days.start[1:][bought] - 1]
    return Buying(
        order_days=np.diff(days.start).astype(np.float64),
        tenure=cut_off - first,
        silence=cut_off - last,
        orders=orders.count.astype(np.float64),
        spend=(whole_sums(orders.customer, orders.amount, n) - returned(past)).clip(0) * 1.0,
    )


def returned(panel: Panel) -> IntArray:
    """Minor units given back to each customer, (n_customers,)."""
    back = panel.kind == Kind.RETURN
    return whole_sums(panel.customer[back], panel.amount[back], panel.n_customers)
