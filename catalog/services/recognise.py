"""Products by the shop's own ids; one met before the shop sent it in is made bare."""

from collections.abc import Iterable
from datetime import datetime

from catalog.models import Product


def recognise_products(
    external_ids: Iterable[str], *, at: datetime
) -> tuple[dict[str, int], set[str]]:
    """The row number of each product, and which of them are new."""
    wanted = set(external_ids)
    found = _found(wanted) if wanted else {}
    new = wanted - found.keys()
    if new:
        # Sorted, so that two writers who meet the same new products never wait for each other.
        Product.objects.bulk_create(
            [Product(external_id=one, created_at=at, updated_at=at) for one in sorted(new)],
            ignore_conflicts=True,
        )
        found |= _found(new)
    return found, new


def _found(external_ids: Iterable[str]) -> dict[str, int]:
    products = Product.objects.filter(external_id__in=list(external_ids))
    return dict(products.values_list("external_id", "pk"))
