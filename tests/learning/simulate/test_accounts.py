"""What customers brought in."""

from retention.learning.simulate import Kind, margin_by_customer
from tests.learning.simulate import made


def test_margin_is_what_one_gets_adding_up_line_by_line() -> None:
    shop, batch = made.played()
    slow = [0] * len(shop.people)
    orders = set[int]()
    for row in range(len(batch)):
        kind, order = int(batch.kind[row]), int(batch.order[row])
        sign = {Kind.PURCHASE: 1, Kind.RETURN: -1}.get(Kind(kind), 0)
        each = int(batch.unit_price[row] - shop.catalogue.cost[batch.product[row]])
        line = int(batch.quantity[row]) * each - int(batch.discount[row])
        shipping = 350 if kind == Kind.PURCHASE and order not in orders else 0
        orders |= {order} if kind == Kind.PURCHASE else set()
        slow[int(batch.customer[row])] += sign * line - shipping

    fast = margin_by_customer(batch, shop.catalogue, n_customers=len(shop.people), order_cost=350)

    assert fast.tolist() == slow
