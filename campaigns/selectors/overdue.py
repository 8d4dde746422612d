"""Whoever has not ordered for so many times as long as they usually take."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection

from retention.insights.datasets import moment_of
from retention.insights.rows import EPOCH, moment

from .firing import Firing, Window

DAY: Final = 86_400


def overdue(times: float, window: Window) -> Iterator[Firing]:
    """Customers whose usual gap, so many times, had passed since an order in the window, the first
    first. The gap is the median of the days between the days on which they ordered, as their score
    has it now; without one nothing is usual.
    """
    parameters: list[Any] = [moment(window.until), times * DAY]
    parameters += [int(window.until.timestamp())]
    if not window.already:
        parameters.append(int(window.after.timestamp()))
    sql = _sql(as_it_stands=window.as_it_stands, already=window.already)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        for customer, due, second, gap in cursor.fetchall():
            days = int((due - second) // DAY)
            words = f"No order for {days} days, usually every {gap:.0f}"
            yield Firing(customer, moment_of(due), words)


def _sql(*, as_it_stands: bool, already: bool) -> str:
    still = "later IS NULL" if as_it_stands else "(later IS NULL OR later > due)"
    since = "" if already else "AND due > %s"
    return f"""
        WITH placed AS (
            SELECT customer_id, order_id, MAX({EPOCH[connection.vendor]}) AS second
            FROM customers_event
            WHERE kind = 'PURCHASE' AND occurred_at < %s AND customer_id IN (
                SELECT customer_id FROM insights_churnscore
                WHERE average_days_between_orders IS NOT NULL)
            GROUP BY customer_id, order_id
        ), followed AS (
            SELECT customer_id, second, LEAD(second) OVER (
                PARTITION BY customer_id ORDER BY second) AS later
            FROM placed
        ), usual AS (
            SELECT followed.*, average_days_between_orders AS gap,
                   second + average_days_between_orders * %s AS due
            FROM followed JOIN insights_churnscore
              ON insights_churnscore.customer_id = followed.customer_id
        )
        SELECT customer_id, due, second, gap FROM usual
        WHERE {still} AND due <= %s {since}
        ORDER BY due, customer_id
    """
