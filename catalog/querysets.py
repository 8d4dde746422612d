from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from .models import Product  # noqa: F401 - named in the type below


class ProductQuerySet(QuerySet["Product"]):
    def available(self) -> "ProductQuerySet":
        """What may be shown and sold: not withdrawn, not out of stock."""
        return self.filter(Q(stock=None) | Q(stock__gt=0), sellable=True)
