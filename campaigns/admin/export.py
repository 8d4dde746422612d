"""Lists of coupons as CSV, with the addresses that a newsletter needs. Who took one is logged."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from campaigns.models import Campaign, Coupon
from campaigns.selectors.consent import willing
from campaigns.services.hand_over import hand_over
from customers.models import Customer, CustomerContact
from customers.querysets import current
from retention.access.audit import record
from retention.insights.models import SendTime, Weekday
from retention.present.amounts import written
from retention.present.spreadsheet import Cell, as_csv

from .life import actor

SEE_CUSTOMERS = "customers.view_customer"
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
CONTACT_COLUMNS = ("name", "email", "phone", "send_weekday", "send_hour")


def coupons_csv(
    request: HttpRequest, coupons: QuerySet[Coupon], *, name: str
) -> StreamingHttpResponse:
    """Every coupon of a query. With how to reach those who agree to marketing at this moment, where
    the operator may see customers at all."""
    with_contacts = request.user.has_perm(SEE_CUSTOMERS)
    _log(request, coupons, with_contacts=with_contacts)
    if with_contacts:
        hand_over(coupons, at=timezone.now())
    agreeing = willing().filter(pk=OuterRef("who"))
    whole = coupons.select_related(
        "campaign", "customer__contact", "customer__merged_into__contact", "offer"
    ).annotate(who=current("customer"))
    times = SendTime.objects.consented().filter(customer=OuterRef("who"))
    rows = whole.annotate(
        agrees=Exists(agreeing),
        send_weekday=Subquery(times.values("weekday")),
        send_hour=Subquery(times.values("hour")),
    ).order_by("pk")
    return as_csv(_rows(rows, with_contacts=with_contacts), name=name)


def _log(request: HttpRequest, coupons: QuerySet[Coupon], *, with_contacts: bool) -> None:
    """In the history of each campaign whose coupons were taken."""
    counted = coupons.order_by().values_list("campaign").annotate(n=Count("pk"))
    counts: dict[int, int] = dict(counted)
    who, at = actor(request), timezone.now()
    for campaign in Campaign.objects.filter(pk__in=counts).order_by("pk"):
        taken = {"coupons": counts[campaign.pk], "with_contacts": with_contacts}
        record(
            "campaign.export",
            thing=campaign,
            actor=who.name,
            user=who.user,
            at=at,
            before={},
            after=taken,
        )


def _rows(coupons: QuerySet[Any], *, with_contacts: bool) -> Iterator[tuple[Cell, ...]]:
    at = timezone.now()
    yield COLUMNS + (CONTACT_COLUMNS if with_contacts else ())
    for coupon in coupons.iterator(chunk_size=2000):
        row = (
            coupon.code,
            coupon.campaign.name,
            coupon.customer.current.external_id if coupon.customer else "",
            coupon.offer.name,
            coupon.state(at),
            coupon.redeemed_count,
            written(coupon.worst_case, coupon.campaign.currency),
            coupon.campaign.currency,
            coupon.issued_at.isoformat(),
            coupon.expires_at.isoformat(),
        )
        yield row + (_contact(coupon) if with_contacts else ())


def _contact(coupon: Any) -> tuple[Cell, ...]:
    """Name, address, phone, when to write; blank for who no longer agrees, was forgotten or left
    none."""
    whose: Customer | None = coupon.customer and coupon.customer.current
    known: CustomerContact | None = getattr(whose, "contact", None)
    if known is None or not coupon.agrees:
        return ("",) * len(CONTACT_COLUMNS)
    day = "" if coupon.send_weekday is None else Weekday(coupon.send_weekday).label
    hour = "" if coupon.send_hour is None else coupon.send_hour
    return known.name, known.email, known.phone, str(day), hour
