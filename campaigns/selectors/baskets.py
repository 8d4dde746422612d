"""Whoever put products into their basket and left it so for some hours, as the events tell it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from retention.insights.datasets import moment_of
from retention.insights.rows import EPOCH, moment

from .firing import Firing, Window, clock_words

TAKEN_OUT: Final = (
    "REMOVE_FROM_CART",
    "REMOVED_FROM_CART",
    "REMOVEFROMCART",
    "CART_REMOVE",
    "PRODUCT_REMOVED",
)
"""What shops call it, of their own, when a product is taken out of a basket again."""
KEPT: Final = timedelta(days=7)
"""What was put in so long before the last product is in the basket still."""


def baskets_left(hours: float, window: Window) -> Iterator[Firing]:
    """Baskets whose hours without another product or an order ran out in the window, oldest first.

    An order empties the basket, whatever it is of. A product that was taken out again is not in it.
    """
    wait = round(hours * 3600)
    start = window.after - timedelta(seconds=wait) - KEPT
    parameters: list[Any] = [moment(start), moment(window.until)]
    parameters += [int(end.timestamp()) - wait for end in (window.after, window.until)] + [wait]
    with connection.cursor() as cursor:
        cursor.execute(_sql(as_it_stands=window.as_it_stands), parameters)
        for customer, second, products in cursor.fetchall():
            yield Firing(customer, moment_of(second + wait), _words(second, products))


def _words(second: int, products: int) -> str:
    many = f"{products} product{'' if products == 1 else 's'}"
    return f"Basket of {many} left since {clock_words(moment_of(second))}"


def _sql(*, as_it_stands: bool) -> str:
    gone = ", ".join(f"'{kind}'" for kind in TAKEN_OUT)
    in_turn = "ORDER BY second, bought, id"
    still = "AND later IS NULL" if as_it_stands else ""
    return f"""
        WITH acts AS (
            SELECT id, customer_id, kind, product_id, {EPOCH[connection.vendor]} AS second,
                   CASE kind WHEN 'PURCHASE' THEN 1 ELSE 0 END AS bought
            FROM customers_event
            WHERE occurred_at >= %s AND occurred_at < %s AND customer_id IS NOT NULL
              AND kind IN ('CART', 'PURCHASE', {gone})
        ), followed AS (
            SELECT *, COALESCE(LEAD(kind) OVER (
                PARTITION BY customer_id, product_id {in_turn}), '') AS next_of_it
            FROM acts
        ), stayed AS (
            SELECT *, SUM(bought) OVER (PARTITION BY customer_id {in_turn}) AS basket
            FROM followed WHERE bought = 1 OR (kind = 'CART' AND next_of_it NOT IN ({gone}))
        ), placed AS (
            SELECT *, LEAD(second) OVER (PARTITION BY customer_id {in_turn}) AS later,
                   ROW_NUMBER() OVER (
                       PARTITION BY customer_id, basket, bought, product_id {in_turn}) AS nth
            FROM stayed
        ), counted AS (
            SELECT *, SUM(CASE WHEN bought = 0 AND nth = 1 THEN 1 ELSE 0 END)
                      OVER (PARTITION BY customer_id, basket {in_turn}) AS products
            FROM placed
        )
        SELECT customer_id, second, products FROM counted
        WHERE bought = 0 AND second > %s AND second <= %s
          AND (later IS NULL OR later > second + %s) {still}
        ORDER BY second, id
    """
