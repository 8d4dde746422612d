"""Lists of coupons as CSV."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from campaigns.models import Coupon
from retention.present.amounts import written
from retention.present.spreadsheet import Cell, as_csv

COLUMNS = (
    "code",
    "campaign",
    "customer",
    "offer",
    "state",
    "redeemed",
    "worst_case",
    "currency",
    "issued_at",
    "expires_at",
)


def coupons_csv(coupons: QuerySet[Coupon], *, name: str) -> StreamingHttpResponse:
    """Every coupon of a query."""
    whole = coupons.select_related("campaign", "customer", "offer").order_by("pk")
    return as_csv(_rows(whole), name=name)


def _rows(coupons: QuerySet[Coupon]) -> Iterator[tuple[Cell, ...]]:
    at = timezone.now()
    yield COLUMNS
    for coupon in coupons.iterator(chunk_size=2000):
        yield (
            coupon.code,
            coupon.campaign.name,
            coupon.customer.external_id if coupon.customer else "",
            coupon.offer.name,
            coupon.state(at),
            coupon.redeemed_count,
            written(coupon.worst_case, coupon.campaign.currency),
            coupon.campaign.currency,
            coupon.issued_at.isoformat(),
            coupon.expires_at.isoformat(),
        )
