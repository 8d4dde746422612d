"""Who may be sent a coupon: they agreed to marketing and did not object to being scored."""

from collections.abc import Iterable

from customers.models import Customer, Purpose

NEEDED = (Purpose.MARKETING, Purpose.ANALYTICS)


def contactable(customer_ids: Iterable[int | None]) -> set[int]:
    """Those of some customers (a chunk, not a shop) who may be sent a coupon now."""
    known = [customer_id for customer_id in customer_ids if customer_id is not None]
    willing = Customer.objects.filter(pk__in=known)
    for purpose in NEEDED:
        willing = willing.consenting(purpose)
    return set(willing.values_list("pk", flat=True))
