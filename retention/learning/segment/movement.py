"""By which RFM name customers would have gone at earlier moments."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from retention.learning.orders import Orders, orders_of, whole_sums
from retention.learning.panel import (
    SECONDS_A_DAY,
    BoolArray,
    FloatArray,
    IntArray,
    Kind,
    Panel,
    as_second,
)
from retention.learning.segment.rfm import RfmName, rfm_scores

NAMES: Final = tuple(RfmName)
NOT_YET: Final = -1
"""The code of who had not ordered yet; the others are rows of NAMES."""
YEAR = 365


def rfm_history(panel: Panel, *, cut_offs: Sequence[float]) -> IntArray:
    """The code of each customer's name as of each cut-off, as it would have been then.

    cut_offs : (k,) days since 1970-01-01 on the shop's own clock; an event at or after one is not
        seen by it.
    Returns (n_customers, k). Each cut-off takes one pass over the events.
    """
    orders, past = orders_of(panel), _Past(panel)
    codes = np.full((panel.n_customers, len(cut_offs)), NOT_YET, dtype=np.int64)
    for column, cut_off in enumerate(cut_offs):
        codes[:, column] = past.codes(orders, as_second(cut_off))
    return codes


class _Past:
    """What does not change from one cut-off to the next."""

    def __init__(self, panel: Panel) -> None:
        bought = panel.kind == Kind.PURCHASE
        self.n = panel.n_customers
        self.who, self.second = panel.customer[bought], panel.second[bought]
        self.amount = panel.amount[bought]

    def codes(self, orders: Orders, now: int) -> IntArray:
        known = orders.second < now
        count = np.bincount(orders.customer[known], minlength=self.n)
        buyers = np.flatnonzero(count)
        # A customer's orders are in time, so the known ones come first.
        last = orders.second[orders.start[buyers] + count[buyers] - 1]
        scores = rfm_scores(
            days_since_order=(now - last) / SECONDS_A_DAY,
            orders=self._order_days(orders, known)[buyers],
            spend=self._spend(now)[buyers],
        )
        codes = np.full(self.n, NOT_YET, dtype=np.int64)
        codes[buyers] = scores.codes()
        return codes

    def _order_days(self, orders: Orders, known: BoolArray) -> FloatArray:
        who, day = orders.customer[known], orders.second[known] // SECONDS_A_DAY
        new = np.ones(len(who), dtype=bool)
        new[1:] = (np.diff(who) != 0) | (np.diff(day) != 0)
        return np.bincount(who[new], minlength=self.n).astype(np.float64)

    def _spend(self, now: int) -> FloatArray:
        year = (self.second >= now - YEAR * SECONDS_A_DAY) & (self.second < now)
        return whole_sums(self.who[year], self.amount[year], self.n).astype(np.float64)
