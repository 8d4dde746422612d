"""From events before a cut-off to what a person would say about each customer."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.churn.wording_visits import BEHAVIOUR
from retention.learning.features import FeatureTable
from retention.learning.orders import OrderDays, Orders, medians, order_days, orders_of, whole_sums
from retention.learning.panel import (
    SECONDS_A_DAY,
    BoolArray,
    FloatArray,
    IntArray,
    Kind,
    Panel,
    as_second,
)

Columns = dict[str, FloatArray]
USUAL_VISIT_GAP: Final = "usual_visit_gap_days"
"""Usual days between days with a visit."""


def behaviour(
    panel: Panel, *, cut_off: float, customers: IntArray | None = None, to_tell: bool = False
) -> FeatureTable:
    """The behaviour features of customers, from what happened before the cut-off alone.

    cut_off : day since 1970-01-01; an event at or after it is not seen.
    customers : (n,) rows wanted; all of them when None.
    to_tell : with the counter-facts beside, which only words need.
    A function of the set of events: the same set gives the same bytes in any order.
    100,000 customers and 5 million events take about 4 s and 1 GB (benchmarks.predict).
    """
    past = _past(panel, cut_off)
    columns = _rhythm(past) | _frequency(past) | _money(past) | _variety(past)
    columns |= _visits(past) | _habits(past)
    values = np.column_stack([columns[spec.name] for spec in BEHAVIOUR])
    beside = {USUAL_VISIT_GAP: _usual_visit_gap(past)} if to_tell else {}
    table = FeatureTable(values, np.arange(panel.n_customers), BEHAVIOUR, beside)
    return table if customers is None else table.take(customers)


@dataclass(frozen=True)
class _Past:
    """What is known at a cut-off."""

    events: Panel
    orders: Orders
    days: OrderDays
    now: int

    @property
    def n(self) -> int:
        return self.events.n_customers

    def within(self, days: int, *, until: int = 0) -> BoolArray:
        """Events whose age lies in (until, days]."""
        return self._aged(self.events.second, days, until)

    def ordered_within(self, days: int, *, until: int = 0) -> FloatArray:
        """Orders of each customer whose age lies in (until, days]."""
        aged = self._aged(self.orders.second, days, until)
        return self.count(self.orders.customer[aged])

    def events_of(self, kind: Kind, window: BoolArray) -> FloatArray:
        """Events of a kind of each customer in a window."""
        return self.count(self.events.customer[(self.events.kind == kind) & window])

    def money(self, column: IntArray, rows: BoolArray) -> FloatArray:
        """Sum of a column of the events over some of them, by customer."""
        return whole_sums(self.events.customer[rows], column[rows], self.n).astype(np.float64)

    def count(self, customer: IntArray) -> FloatArray:
        return np.bincount(customer, minlength=self.n).astype(np.float64)

    def distinct(self, customer: IntArray, thing: IntArray) -> FloatArray:
        """How many different things each customer has, (n,)."""
        if not len(customer):
            return np.zeros(self.n)
        low = thing.min()
        width = thing.max() - low + 1
        return self.count(np.unique(customer * width + (thing - low)) // width)

    def days_since(self, second: FloatArray) -> FloatArray:
        return (self.now - second) / SECONDS_A_DAY

    def _aged(self, second: IntArray, days: int, until: int) -> BoolArray:
        oldest, newest = self.now - days * SECONDS_A_DAY, self.now - until * SECONDS_A_DAY
        return np.asarray((second >= oldest) & (second < newest))


def _past(panel: Panel, cut_off: float) -> _Past:
    events = panel.before(cut_off)
    orders = orders_of(events)
    return _Past(events=events, orders=orders, days=order_days(orders), now=as_second(cut_off))


def _rhythm(past: _Past) -> Columns:
    usual = past.days.usual_gap()
    since = past.days_since(_last(past.orders.second, past.orders.start))
    last_gap = _last(past.days.gap, _starts(past.days.gap_customer, past.n))
    return {
        "days_since_last_order": since,
        "days_since_first_order": past.days_since(_first(past.orders.second, past.orders.start)),
        "usual_gap_days": usual,
        "overdue_ratio": since / usual,
        "gap_spread": _gap_spread(past, past.days.gaps),
        "last_gap_ratio": last_gap / usual,
    }


def _gap_spread(past: _Past, count: IntArray) -> FloatArray:
    who, gap = past.days.gap_customer, past.days.gap
    total = whole_sums(who, gap, past.n)
    squares = whole_sums(who, gap * gap, past.n)
    # n * squares - total**2 is a whole number: no cancellation, no order of summing.
    spread = np.sqrt(np.maximum(count * squares - total.astype(np.float64) ** 2, 0.0))
    return _ratio(spread, np.where(count >= 2, total, 0.0))


def _frequency(past: _Past) -> Columns:
    days = np.diff(past.days.start).astype(np.float64)
    tenure = past.days_since(_first(past.orders.second, past.orders.start))
    recent = past.orders.second >= past.now - 84 * SECONDS_A_DAY
    week = (past.now - past.orders.second[recent] - 1) // (7 * SECONDS_A_DAY)
    return {
        "orders_30": past.ordered_within(30),
        "orders_90": past.ordered_within(90),
        "orders_365": past.ordered_within(365),
        "order_days_total": days,
        # A month at least, or the first day's order would be thirty a month.
        "orders_a_month": 30 * past.orders.count / np.maximum(tenure, 30.0),
        "orders_trend_90": past.ordered_within(90) - past.ordered_within(180, until=90),
        "order_weeks_12": past.distinct(past.orders.customer[recent], week),
    }


def _money(past: _Past) -> Columns:
    events, bought = past.events, past.events.kind == Kind.PURCHASE
    year, quarter = bought & past.within(365), bought & past.within(90)
    spent_year = past.money(events.amount, year)
    saved_year = past.money(events.discount, year)
    spent = past.money(events.amount, bought)
    average = _ratio(spent, past.orders.count)
    returned = past.money(events.amount, events.kind == Kind.RETURN)
    return {
        "spend_90": past.money(events.amount, quarter),
        "spend_365": spent_year,
        "average_order": average,
        "last_order_ratio": _ratio(_last(past.orders.amount, past.orders.start), average),
        "discount_share": _ratio(saved_year, spent_year + saved_year),
        # More can come back than was bought where the purchase was before the data began.
        "returned_share": np.minimum(_ratio(returned, spent), 1.0),
    }


def _variety(past: _Past) -> Columns:
    events, bought = past.events, past.events.kind == Kind.PURCHASE
    known = bought & (events.product >= 0)
    year = past.within(365)
    products, lines = known & year, past.count(events.customer[known])
    categories = bought & (events.category >= 0) & year
    ever = past.distinct(events.customer[known], events.product[known])
    return {
        "products_365": past.distinct(events.customer[products], events.product[products]),
        "categories_365": past.distinct(events.customer[categories], events.category[categories]),
        "lines_an_order": _ratio(past.count(events.customer[bought]), past.orders.count),
        "repeat_share": _ratio(lines - ever, lines),
    }


def _is_visit(events: Panel) -> BoolArray:
    looked = (events.kind == Kind.VIEW) | (events.kind == Kind.CART) | (events.kind == Kind.OTHER)
    return np.asarray(looked)


def _usual_visit_gap(past: _Past) -> FloatArray:
    """Of neighbouring calendar days with a visit; nan where there are fewer than two."""
    visit = _is_visit(past.events)
    who, day = past.events.customer[visit], past.events.second[visit] // SECONDS_A_DAY
    gap = np.diff(day)
    between = (np.diff(who) == 0) & (gap > 0)
    return medians(who[1:][between], gap[between], past.n)


def _visits(past: _Past) -> Columns:
    events, visit = past.events, _is_visit(past.events)
    month, lately = past.within(30), visit & past.within(30)
    who, second = events.customer[visit], events.second[visit]
    last_order = _last(past.orders.second, past.orders.start)
    # A comparison with nan is False: who never ordered counts all views.
    after = ~(events.second <= last_order[events.customer])
    views = past.events_of(Kind.VIEW, month)
    return {
        "days_since_last_visit": past.days_since(_last(second, _starts(who, past.n))),
        "visit_days_30": past.distinct(
            events.customer[lately], (past.now - events.second[lately] - 1) // SECONDS_A_DAY
        ),
        "views_30": views,
        "carts_30": past.events_of(Kind.CART, month),
        "views_since_order": past.events_of(Kind.VIEW, after),
        "views_trend_30": views - past.events_of(Kind.VIEW, past.within(60, until=30)),
    }


def _habits(past: _Past) -> Columns:
    second, who = past.orders.second, past.orders.customer
    # The first day of 1970 was a Thursday, so that Monday is 0.
    weekday = (second // SECONDS_A_DAY + 3) % 7
    evening = second % SECONDS_A_DAY >= 18 * 3600
    return {
        "weekend_share": _ratio(past.count(who[weekday >= 5]), past.orders.count),
        "evening_share": _ratio(past.count(who[evening]), past.orders.count),
        "last_rating": _last_rating(past),
    }


def _last_rating(past: _Past) -> FloatArray:
    rated = (past.events.kind == Kind.RATING) & ~np.isnan(past.events.rating)
    who, rating = past.events.customer[rated], past.events.rating[rated]
    # Of several ratings at one moment the best counts, so that ties do not depend on arrival.
    by = np.lexsort((rating, past.events.second[rated], who))
    return _last(rating[by], _starts(who, past.n))


def _starts(customer: IntArray, n: int) -> IntArray:
    """Where each customer's rows begin in rows sorted by customer, (n + 1,)."""
    return np.searchsorted(customer, np.arange(n + 1))


def _first(values: IntArray, start: IntArray) -> FloatArray:
    return _pick(values, start, start[:-1])


def _last(values: IntArray | FloatArray, start: IntArray) -> FloatArray:
    return _pick(values, start, start[1:] - 1)


def _pick(values: IntArray | FloatArray, start: IntArray, row: IntArray) -> FloatArray:
    picked = np.full(len(start) - 1, np.nan)
    some = np.diff(start) > 0
    picked[some] = values[row[some]]
    return picked


def _ratio(above: FloatArray, below: FloatArray | IntArray) -> FloatArray:
    """above / below, nan where there is nothing to divide by."""
    ratio = np.full(len(above), np.nan)
    np.divide(above, below, out=ratio, where=np.asarray(below) > 0)
    return ratio
