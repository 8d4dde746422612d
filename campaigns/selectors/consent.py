"""Who may be sent a coupon: they agreed to marketing and did not object to being scored."""

from collections.abc import Iterable

from django.db.models.functions import Coalesce

from customers.models import Customer, Purpose
from customers.querysets import CustomerQuerySet

NEEDED = (Purpose.MARKETING, Purpose.ANALYTICS)


def willing() -> CustomerQuerySet:
    """Everyone who agrees to all of it."""
    customers = Customer.objects.all()
    for purpose in NEEDED:
        customers = customers.consenting(purpose)
    return customers


def contactable(customer_ids: Iterable[int | None]) -> set[int]:
    """Those of some customers (a chunk, not a shop) who may be sent a coupon now.

    Who was merged into another is asked as that one.
    """
    known = [customer_id for customer_id in customer_ids if customer_id is not None]
    rows = Customer.objects.filter(pk__in=known).annotate(now=Coalesce("merged_into", "pk"))
    now: dict[int, int] = dict(rows.values_list("pk", "now"))
    agreed = set(willing().filter(pk__in=set(now.values())).values_list("pk", flat=True))
    return {customer for customer, who in now.items() if who in agreed}
