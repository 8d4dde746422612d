"""Products leave the shop's offer, and come back."""

from datetime import datetime

from django.db.models import QuerySet

from catalog.models import Product


def withdraw(products: QuerySet[Product], *, at: datetime) -> int:
    """Sell and recommend these no more; returns how many were on sale."""
    return products.filter(sellable=True).update(sellable=False, updated_at=at)


def put_back(products: QuerySet[Product], *, at: datetime) -> int:
    """Sell these again; returns how many were withdrawn."""
    return products.filter(sellable=False).update(sellable=True, updated_at=at)
