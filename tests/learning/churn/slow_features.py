"""The behaviour features again, customer by customer and event by event, as one would say them."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from retention.learning.panel import Kind
from tests.learning.churn.shops import Columns

NAN = float("nan")


@dataclass(frozen=True)
class Order:
    """One order of one customer."""

    second: int
    amount: int
    lines: int


def features_of(given: Columns, customer: int, cut_off: float) -> dict[str, float]:
    """Every feature of one customer at a cut-off."""
    now = round(cut_off * 86_400)
    rows = [dict(zip(given, values, strict=True)) for values in zip(*given.values(), strict=True)]
    own = [
        row | {"second": round(row["day"] * 86_400)} for row in rows if row["customer"] == customer
    ]
    own = [row for row in own if row["second"] < now]
    orders = _orders([row for row in own if row["kind"] == Kind.PURCHASE])
    return (
        _rhythm(orders, now)
        | _counts(orders, now)
        | _lines(own, orders, now)
        | _visits(own, orders, now)
    )


def _orders(lines: list[dict[str, float]]) -> list[Order]:
    grouped: dict[tuple[str, int], list[dict[str, float]]] = {}
    for line in lines:
        named = line["order"] >= 0
        key = ("id", int(line["order"])) if named else ("day", int(line["second"] // 86_400))
        grouped.setdefault(key, []).append(line)
    orders = [
        Order(
            second=int(min(line["second"] for line in group)),
            amount=int(sum(line["amount"] for line in group)),
            lines=len(group),
        )
        for group in grouped.values()
    ]
    return sorted(orders, key=lambda order: (order.second, order.amount, order.lines))


def _rhythm(orders: list[Order], now: int) -> dict[str, float]:
    days = sorted({order.second // 86_400 for order in orders})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    since = (now - orders[-1].second) / 86_400 if orders else NAN
    usual = median(gaps) if gaps else NAN
    return {
        "days_since_last_order": since,
        "days_since_first_order": (now - orders[0].second) / 86_400 if orders else NAN,
        "usual_gap_days": usual,
        "overdue_ratio": since / usual,
        "gap_spread": float(np.std(gaps) / np.mean(gaps)) if len(gaps) >= 2 else NAN,
        "last_gap_ratio": gaps[-1] / usual if gaps else NAN,
        "order_days_total": len(days),
    }


def _counts(orders: list[Order], now: int) -> dict[str, float]:
    ages = [(now - order.second) / 86_400 for order in orders]
    average = sum(order.amount for order in orders) / len(orders) if orders else NAN
    weekdays = [(order.second // 86_400 + 3) % 7 for order in orders]
    hours = [order.second % 86_400 / 3_600 for order in orders]
    return {
        "orders_30": sum(age <= 30 for age in ages),
        "orders_90": sum(age <= 90 for age in ages),
        "orders_365": sum(age <= 365 for age in ages),
        "orders_a_month": 30 * len(orders) / max(ages[0], 30) if orders else NAN,
        "orders_trend_90": sum(a <= 90 for a in ages) - sum(90 < a <= 180 for a in ages),
        "order_weeks_12": len({int(np.ceil(age / 7)) for age in ages if age <= 84}),
        "average_order": average,
        "last_order_ratio": orders[-1].amount / average if orders and average else NAN,
        "weekend_share": sum(day >= 5 for day in weekdays) / len(orders) if orders else NAN,
        "evening_share": sum(hour >= 18 for hour in hours) / len(orders) if orders else NAN,
    }


def _lines(own: list[dict[str, float]], orders: list[Order], now: int) -> dict[str, float]:
    bought = [row for row in own if row["kind"] == Kind.PURCHASE]
    year = [row for row in bought if now - row["second"] <= 365 * 86_400]
    quarter = [row for row in bought if now - row["second"] <= 90 * 86_400]
    spent, year_spent = _total(bought, "amount"), _total(year, "amount")
    saved = _total(year, "discount")
    returned = _total([row for row in own if row["kind"] == Kind.RETURN], "amount")
    known = [row["product"] for row in bought if row["product"] >= 0]
    return {
        "spend_90": _total(quarter, "amount"),
        "spend_365": year_spent,
        "discount_share": saved / (year_spent + saved) if year_spent + saved else NAN,
        "returned_share": min(returned / spent, 1) if spent else NAN,
        "products_365": len({row["product"] for row in year if row["product"] >= 0}),
        "categories_365": len({row["category"] for row in year if row["category"] >= 0}),
        "lines_an_order": len(bought) / len(orders) if orders else NAN,
        "repeat_share": 1 - len(set(known)) / len(known) if known else NAN,
    }


def _visits(own: list[dict[str, float]], orders: list[Order], now: int) -> dict[str, float]:
    visits = [row for row in own if row["kind"] in (Kind.VIEW, Kind.CART, Kind.OTHER)]
    ages = [(now - row["second"]) / 86_400 for row in visits]
    views = [row["second"] for row in visits if row["kind"] == Kind.VIEW]
    carts = [row["second"] for row in visits if row["kind"] == Kind.CART]
    month = sum(now - second <= 30 * 86_400 for second in views)
    before = sum(30 * 86_400 < now - second <= 60 * 86_400 for second in views)
    rated = [row for row in own if row["kind"] == Kind.RATING and not np.isnan(row["rating"])]
    last = max(rated, key=lambda row: (row["second"], row["rating"]), default={"rating": NAN})
    days = sorted({row["second"] // 86_400 for row in visits})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    return {
        "usual_visit_gap_days": median(gaps) if gaps else NAN,
        "days_since_last_visit": min(ages, default=NAN),
        "visit_days_30": len({int(np.ceil(age)) for age in ages if age <= 30}),
        "views_30": month,
        "carts_30": sum(now - second <= 30 * 86_400 for second in carts),
        "views_since_order": sum(not orders or s > orders[-1].second for s in views),
        "views_trend_30": month - before,
        "last_rating": last["rating"],
    }


def _total(rows: list[dict[str, float]], name: str) -> float:
    return sum(row[name] for row in rows)
