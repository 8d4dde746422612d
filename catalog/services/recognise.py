"""Products met in events before the shop sent them in."""

from collections.abc import Iterable
from datetime import datetime

from catalog.models import Product


def recognise_products(external_ids: Iterable[str], *, at: datetime) -> tuple[dict[str, int], int]:
    """The row number of each product, made bare where it is new; and how many were."""
    wanted = set(external_ids)
    found = _found(wanted)
    # Sorted, so that two writers who meet the same new products never wait for each other.
    new = sorted(wanted - found.keys())
    if new:
        Product.objects.bulk_create(
            [Product(external_id=one, created_at=at, updated_at=at) for one in new],
            ignore_conflicts=True,
        )
        found |= _found(new)
    return found, len(new)


def _found(external_ids: Iterable[str]) -> dict[str, int]:
    products = Product.objects.filter(external_id__in=list(external_ids))
    return dict(products.values_list("external_id", "pk"))
