"""Lists of coupons as CSV, with the addresses that a newsletter needs. Who took one is logged."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from campaigns.models import Campaign, Coupon, Message
from campaigns.selectors.consent import willing
from campaigns.services.hand_over import hand_over
from customers.models import CustomerContact
from customers.querysets import current
from retention.access.audit import record
from retention.insights.models import SendTime, Weekday
from retention.present.amounts import written
from retention.present.lists import VIEW_CUSTOMER
from retention.present.spreadsheet import Cell, as_csv

from .life import actor

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
CONTACT_COLUMNS = ("name", "email", "phone", "send_weekday", "send_hour", "handed_over_at")


def seen_by(request: HttpRequest, columns: Sequence[Any]) -> list[Any]:
    """The columns of coupons, with ids in place of names for those who may not see customers."""
    sees = request.user.has_perm(VIEW_CUSTOMER)
    return [column if sees or column != "whose" else "whose_id" for column in columns]


def coupons_csv(
    request: HttpRequest, coupons: QuerySet[Coupon], *, name: str
) -> StreamingHttpResponse:
    """Every coupon of a query. With how to reach whoever may be sent theirs at this moment, where
    the operator may see customers at all."""
    with_contacts = request.user.has_perm(VIEW_CUSTOMER)
    _log(request, coupons, with_contacts=with_contacts)
    agreeing = willing().filter(pk=OuterRef("who"))
    whole = coupons.select_related(
        "campaign", "customer__contact", "customer__merged_into__contact", "message", "offer"
    ).annotate(who=current("customer"))
    times = SendTime.objects.consented().filter(customer=OuterRef("who"))
    rows = whole.annotate(
        agrees=Exists(agreeing),
        send_weekday=Subquery(times.values("weekday")),
        send_hour=Subquery(times.values("hour")),
    ).order_by("pk")
    return as_csv(_handing_over(coupons, rows) if with_contacts else _rows(rows), name=name)


def _handing_over(coupons: QuerySet[Coupon], rows: QuerySet[Any]) -> Iterator[tuple[Cell, ...]]:
    """Messages are marked after the last row: a download that breaks off hands nothing over."""
    handed, at = array("q"), timezone.now()
    yield COLUMNS + CONTACT_COLUMNS
    for coupon in rows.iterator(chunk_size=2000):
        is_handed = _may_be_sent(coupon, at)
        yield _row(coupon, at) + (_contact(coupon) if is_handed else ("",) * len(CONTACT_COLUMNS))
        if is_handed:
            handed.append(coupon.pk)
    hand_over(coupons, handed, at=timezone.now())


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


def _rows(coupons: QuerySet[Any]) -> Iterator[tuple[Cell, ...]]:
    at = timezone.now()
    yield COLUMNS
    for coupon in coupons.iterator(chunk_size=2000):
        yield _row(coupon, at)


def _row(coupon: Any, at: datetime) -> tuple[Cell, ...]:
    return (
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


def _may_be_sent(coupon: Any, at: datetime) -> bool:
    """They agree to marketing, coupon and campaign are live, and no rule skipped it."""
    skipped = getattr(coupon, "message", None) and coupon.message.state == Message.State.SKIPPED
    running = coupon.campaign.state == Campaign.State.RUNNING
    return coupon.agrees and running and coupon.state(at) == "LIVE" and not skipped


def _contact(coupon: Any) -> tuple[Cell, ...]:
    """Name, address, phone, when to write, and when it was handed over before; blank is unknown."""
    known: CustomerContact | None = getattr(coupon.customer.current, "contact", None)
    reached = (known.name, known.email, known.phone) if known else ("", "", "")
    day = "" if coupon.send_weekday is None else Weekday(coupon.send_weekday).label
    hour = "" if coupon.send_hour is None else coupon.send_hour
    before = coupon.message.sent_at if getattr(coupon, "message", None) else None
    return *reached, str(day), hour, before.isoformat() if before else ""
