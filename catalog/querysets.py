from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from .models import Product  # noqa: F401 - named in the type below


class ProductQuerySet(QuerySet["Product"]):
    def available(self) -> "ProductQuerySet":
        """What may be shown and sold: not withdrawn, not out of stock."""
        return self.filter(_AVAILABLE)

    def unavailable(self) -> "ProductQuerySet":
        return self.exclude(_AVAILABLE)

    def below(self, category: str) -> "ProductQuerySet":
        """Products of a category, by its path, and of those inside it."""
        inside = Q(category__path__startswith=f"{category} > ")
        return self.filter(Q(category__path=category) | inside)

    def asked(
        self, *, external_id: str = "", category: str = "", available: bool | None = None
    ) -> "ProductQuerySet":
        """As an API client asks; what is empty does not narrow."""
        products = self.filter(external_id=external_id) if external_id else self
        products = products.below(category) if category else products
        if available is None:
            return products
        return products.available() if available else products.unavailable()


_AVAILABLE = Q(Q(stock=None) | Q(stock__gt=0), sellable=True)
