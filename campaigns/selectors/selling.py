"""Which currencies the shop sells in: a coupon in any other could never be used."""

from typing import Final

from django.conf import settings

from catalog.models import Product
from customers.models import Event

LATEST: Final = 10_000
"""Events that are looked through, newest first: all of them would take minutes to say no."""


def sells_in(currency: str) -> bool:
    """The shop's own, one that a product is priced in, or one that was paid in of late."""
    if currency == settings.SHOP_CURRENCY or Product.objects.filter(currency=currency).exists():
        return True
    latest = Event.objects.order_by("-occurred_at").values_list("kind", "currency")[:LATEST]
    return ("PURCHASE", currency) in set(latest)
