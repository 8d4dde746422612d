from datetime import datetime

from campaigns.orders import Order
from campaigns.refusing import UNKNOWN, NotRedeemable
from customers.services.recognise import recognise_customers


def met(order: Order, *, at: datetime) -> int:
    """The customer of an order, who may be new to us: a code for all is for strangers, too. Held
    until the caller's transaction ends. Raises NotRedeemable for whoever asked to be forgotten."""
    key = (order.source, order.customer)
    customer = recognise_customers({key}, at=at, known={}).found.get(key)
    if customer is None:
        raise NotRedeemable((UNKNOWN,))
    return customer
