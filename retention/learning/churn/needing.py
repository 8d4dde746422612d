"""What else has to be so that a customer can be as asked: the histories that are tried in turn.

Asked for two orders this month, a customer of one order needs a second; asked for a usual gap,
somebody needs two days with an order. What is asked stays, what it needs is added to it.
"""

from collections.abc import Iterator
from math import ceil
from typing import Final

from retention.learning.churn.following_orders import Facts, order_counts

_OF_THE_YEAR: Final = ("spend_365", "products_365", "categories_365", "discount_share")
_DAYS_NEEDED: Final = {"usual_gap_days": 2, "last_gap_ratio": 3, "gap_spread": 3}
"""Days with an order without which there is no such fact."""
_LAST, _FIRST, _DAYS = "days_since_last_order", "days_since_first_order", "order_days_total"
_VISIT = "days_since_last_visit"


def ways(was: Facts, asked: Facts) -> Iterator[Facts]:
    """The asked facts alone, then with what they may need, the least first.

    A last order at another time and as many orders as the asked facts need; then with as long a
    time as they need, too.
    """
    yield asked
    needed = _orders_needed(was, asked) | _days_needed(was, asked)
    for more in (needed, needed | _room(was, asked | needed)):
        if not more.keys() <= asked.keys():
            yield more | asked


def _orders_needed(was: Facts, asked: Facts) -> Facts:
    """As many orders as the asked days, weeks, gaps or goods need."""
    weeks = round(asked.get("order_weeks_12", 0))
    days = max([round(asked.get(_DAYS, 0)), *(n for f, n in _DAYS_NEEDED.items() if f in asked)])
    if asked.get(_FIRST, 0.0) > asked.get(_LAST, was[_LAST]):
        days = max(days, 2)
    # One more than the weeks, for the first one is longer ago.
    days = max(days, weeks and weeks + 1)
    many = max(days, int(any(asked.get(name, 0) > 0 for name in _OF_THE_YEAR)))
    found: Facts = {}
    if weeks:
        found["orders_90"] = float(max(was["orders_90"], weeks))
    if asked.get("spend_90", 0) > 0:
        found["orders_90"] = max(was["orders_90"], found.get("orders_90", 1.0))
    if many > sum(order_counts(was)) or (many and not was["orders_365"]):
        found["orders_365"] = float(max(was["orders_365"], many))
    if days:
        found[_DAYS] = float(max(was[_DAYS], days))
    return found


def _days_needed(was: Facts, asked: Facts) -> Facts:
    """A last order no older than the asked first one, within the asked weeks, and no younger than
    the asked last visit."""
    found: Facts = {}
    seen = asked.get(_VISIT, 31.0 if asked.get("visit_days_30") == 0 else 0.0)
    if seen > was[_LAST]:
        found[_LAST] = seen
    if asked.get(_FIRST, was[_FIRST]) < was[_LAST]:
        found[_LAST] = float(int(asked[_FIRST] * was[_LAST] / was[_FIRST]))
    weeks = round(asked.get("order_weeks_12", 0))
    if weeks:
        found[_LAST] = min(was[_LAST], max(7.0 * (12 - weeks), 0.0))
    return found


def _room(was: Facts, asked: Facts) -> Facts:
    """A first order as long ago as the gaps and weeks before the last one take."""
    last = asked.get(_LAST, was[_LAST])
    days = asked.get(_DAYS, was[_DAYS])
    gap = asked.get("usual_gap_days", 1.0)
    weeks = asked.get("order_weeks_12", 0.0)
    long = max(gap * (days - 1), 7 * weeks)
    return {_FIRST: max(was[_FIRST], float(ceil(last + long)))}
