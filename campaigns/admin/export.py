"""Lists of coupons as CSV. A spreadsheet that opens one must not run what a name or an id says."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from campaigns.models import Coupon
from campaigns.money import written

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
STARTS_A_FORMULA = ("=", "+", "-", "@", "|", "%")
BREAKS_A_CELL = ("\t", "\r", "\n")


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def coupons_csv(coupons: QuerySet[Coupon], *, name: str) -> StreamingHttpResponse:
    """Every coupon of a query, streamed: memory stays flat."""
    lines = csv.writer(Echo())
    rows = _rows(coupons.select_related("campaign", "customer", "offer").order_by("pk"))
    response = StreamingHttpResponse(
        (lines.writerow([safe(cell) for cell in row]) for row in rows),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def safe(cell: str | int) -> str | int:
    """Text that a spreadsheet takes for text; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    # Full-width signs are read as signs, and spaces before them are passed over.
    plain = unicodedata.normalize("NFKC", cell)
    risky = plain.startswith(BREAKS_A_CELL) or plain.lstrip().startswith(STARTS_A_FORMULA)
    return f"'{cell}" if risky else cell


def _rows(coupons: QuerySet[Coupon]) -> Iterator[Iterable[str | int]]:
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
