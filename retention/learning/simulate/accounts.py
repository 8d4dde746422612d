"""What customers brought in: margin after discounts, returns, goods and shipping."""

import numpy as np

from retention.learning.simulate.arrays import IntArray
from retention.learning.simulate.catalogue import Catalogue
from retention.learning.simulate.events import EventBatch, Kind


def margin_by_customer(
    batch: EventBatch, catalogue: Catalogue, *, n_customers: int, order_cost: int
) -> IntArray:
    """Minor units each customer (n_customers,) left the shop with, over the events of a batch.

    Goods returned count back at price less discount and, in stock again, at cost.
    """
    sign = np.select([batch.kind == Kind.PURCHASE, batch.kind == Kind.RETURN], [1, -1], default=0)
    line = batch.quantity * (batch.unit_price - catalogue.cost[batch.product]) - batch.discount
    margin = np.bincount(batch.customer, weights=sign * line, minlength=n_customers)
    bought = batch.of_kind(Kind.PURCHASE)
    _, first = np.unique(bought.order, return_index=True)
    shipped = np.bincount(bought.customer[first], minlength=n_customers)
    return np.rint(margin).astype(np.int64) - order_cost * shipped
