"""The days on which customers were in the shop, and at which hour of each."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import SECONDS_A_DAY, BoolArray, FloatArray, IntArray, Kind

HOURS: Final = 24
WEEKDAYS: Final = 7
_EPOCH: Final = 3
"""1970-01-01 was a Thursday, Monday is 0."""
_SEEN: Final = (Kind.PURCHASE, Kind.VIEW, Kind.CART)


@dataclass(frozen=True)
class Moments:
    """One row for each day on which a customer was in the shop, sorted by customer and day.

    customer : (m,) rows. day : (m,) whole days since 1970. weekday : (m,) 0 Monday to 6 Sunday.
    hour : (m,) 0 to 23, -1 where the shop told the date only. ordered : (m,) whether that day has
        an order; the hour is then the first order's, else that of the first visit.
    """

    customer: IntArray
    day: IntArray
    weekday: IntArray
    hour: IntArray
    ordered: BoolArray
    n_customers: int

    @classmethod
    def of(
        cls,
        *,
        customer: NDArray[np.integer[Any]],
        kind: IntArray,
        second: IntArray,
        n_customers: int,
    ) -> Self:
        """From events in any order.

        customer, kind, second : (n,) rows, a Kind, seconds since 1970 on the customer's own clock.
        """
        seen = np.isin(kind, _SEEN)
        who, when = customer[seen].astype(np.int64), second[seen].astype(np.int64)
        visit = (kind[seen] != Kind.PURCHASE).astype(np.int64)
        day, time = np.divmod(when, SECONDS_A_DAY)
        # Where only the date is known, the time reads midnight: any other of that day says more.
        by = np.lexsort((time, time == 0, visit, day, who))
        who, day, time, visit = who[by], day[by], time[by], visit[by]
        first = np.ones(len(who), dtype=bool)
        first[1:] = (np.diff(who) != 0) | (np.diff(day) != 0)
        who, day, time, visit = who[first], day[first], time[first], visit[first]
        return cls(
            customer=who,
            day=day,
            weekday=(day + _EPOCH) % WEEKDAYS,
            hour=np.where(time > 0, time // 3600, -1),
            ordered=visit == 0,
            n_customers=n_customers,
        )

    def take(self, rows: IntArray | BoolArray) -> Self:
        """Some of these days; the customers' rows unchanged."""
        return type(self)(
            customer=self.customer[rows],
            day=self.day[rows],
            weekday=self.weekday[rows],
            hour=self.hour[rows],
            ordered=self.ordered[rows],
            n_customers=self.n_customers,
        )

    @property
    def customers(self) -> NDArray[np.int32]:
        """Those who were in the shop at all, rising, (k,) rows."""
        return np.unique(self.customer).astype(np.int32)

    def counts(self, bins: int, *, ordered: bool) -> FloatArray:
        """Days with, or without, an order by hour (bins 24) or weekday (7), (n_customers, bins)."""
        place = self.hour if bins == HOURS else self.weekday
        told = (place >= 0) & (self.ordered == ordered)
        cell = self.customer[told] * bins + place[told]
        found = np.bincount(cell, minlength=self.n_customers * bins)
        return found.reshape(-1, bins).astype(np.float64)
