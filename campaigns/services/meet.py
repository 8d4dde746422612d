"""Before a use is kept or spent: whose it is, and that nobody else is at it."""

from datetime import datetime

from django.db import connection

from campaigns.orders import Order
from campaigns.refusing import UNKNOWN, NotRedeemable
from customers.models import Customer
from customers.services.recognise import recognise_customers


def one_at_a_time(order: Order) -> None:
    """What stands alone, and what is left to take a discount off, is asked of the order's other
    coupons, and a use that is kept for it is spent once: nobody else is at it until the caller's
    transaction ends. On SQLite that has the only write lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [order.order_id]
            )


def met(order: Order, *, at: datetime) -> int:
    """The customer of an order, who may be new to us: a code for all is for strangers, too.

    Theirs alone until the caller's transaction ends: no other order of theirs keeps or spends a
    use meanwhile. To be met before the coupon is held, so that no two block in a ring. Raises
    NotRedeemable for whoever asked to be forgotten.
    """
    key = (order.source, order.customer)
    customer = recognise_customers({key}, at=at, known={}).found.get(key)
    if customer is None:
        raise NotRedeemable((UNKNOWN,))
    # Only `no_key`: events of theirs are stored meanwhile.
    Customer.objects.select_for_update(no_key=True).get(pk=customer)
    return customer
