"""What each customer of a campaign did after its launch, whether or not a coupon reached them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from campaigns.models import Assignment, Campaign, Redemption
from customers.models import Event, EventKind
from customers.querysets import current
from retention.learning.measure.adjusting import winsorised
from retention.learning.panel import BoolArray, FloatArray, IntArray

_Time = tuple[datetime | None, datetime]
"""From a moment to before another; a campaign that was launched has both."""


@dataclass(frozen=True)
class Outcomes:
    """The customers of a campaign, a row each, from its launch to a moment. Money in minor units.

    customer : (n,) ids. offer : (n,) id of the offer, 0 in the control.
    orders : (n,) orders; one is enough to count as kept.
    revenue : (n,) paid for goods, less returns, less what the coupons took off.
    margin : (n,) the same less what the goods cost the shop; nan where no cost is known.
    cost_known : share of the revenue whose goods' cost is known; margin assumes for the rest the
        cost rate of that share.
    erased : customers who asked to be forgotten since; they are in no row.
    before : (n, m) what was known of each at the launch and may foretell the rest: the scores of
        that day, and what they did in as long a time as is measured. nan where there was no score.
    known : (n,) what each was called at the launch, by what they are grouped by.
    doubled : assignments left out because their customer is one with another of the campaign, who
        was assigned before; conflicts : of these, in another arm than that one.
    """

    customer: IntArray
    offer: IntArray
    orders: IntArray
    revenue: FloatArray
    margin: FloatArray
    cost_known: float
    before: FloatArray
    known: tuple[dict[str, str], ...]
    erased: int
    doubled: int
    conflicts: int

    def __len__(self) -> int:
        return len(self.offer)

    @property
    def treated(self) -> BoolArray:
        return self.offer > 0

    @property
    def kept(self) -> BoolArray:
        return self.orders > 0


def outcomes_of(campaign: Campaign, *, until: datetime) -> Outcomes:
    """Everyone who was assigned, as assigned: intention to treat. The campaign was launched.

    Who was merged into another is that one now, with what both did; of two assignments of one
    person the earlier stands.
    """
    members = _members(campaign)
    customer = np.fromiter(members.drawn, dtype=np.int64)
    drawn = np.array(list(members.drawn.values()), dtype=np.float64).reshape(-1, 3)
    time = (campaign.launched_at, until)
    bought = _lines(campaign, EventKind.PURCHASE, time, customer)
    returned = _lines(campaign, EventKind.RETURN, time, customer)
    taken_off = _discounts(campaign, until, customer)
    goods, known = bought.amount - returned.amount, bought.known - returned.known
    cost_known = float(known.sum() / goods.sum()) if goods.sum() > 0 else 0.0
    cost = (bought.cost - returned.cost) * (1 / cost_known if cost_known else np.nan)
    return Outcomes(
        customer=customer,
        offer=drawn[:, 0].astype(np.int64),
        orders=bought.orders,
        revenue=goods - taken_off,
        margin=goods - taken_off - cost,
        cost_known=cost_known,
        before=np.column_stack([drawn[:, 1:], _before(campaign, customer)]),
        known=tuple(members.known.values()),
        erased=Assignment.objects.filter(campaign=campaign, customer=None).count(),
        doubled=members.doubled,
        conflicts=members.conflicts,
    )


def _before(campaign: Campaign, customer: IntArray) -> FloatArray:
    """(n, 3) orders, what was paid for them, and the same on the scale of a log."""
    start = campaign.launched_at
    if start is None:
        raise ValueError(f"{campaign.name!r} was not launched.")
    time = (start - timedelta(days=campaign.measure_days), start)
    bought = _lines(campaign, EventKind.PURCHASE, time, customer)
    paid = np.maximum(bought.amount, 0.0)
    return np.column_stack([bought.orders, winsorised(paid).values, np.log1p(paid)])


@dataclass
class _Members:
    """drawn : of each customer the offer, 0 in the control, the risk and the value of that day, in
    the order they were assigned. known : of each what they were called."""

    drawn: dict[int, tuple[int, float, float]] = field(default_factory=dict)
    known: dict[int, dict[str, str]] = field(default_factory=dict)
    doubled: int = 0
    conflicts: int = 0


def _members(campaign: Campaign) -> _Members:
    members = _Members()
    rows = Assignment.objects.filter(campaign=campaign).exclude(customer=None)
    in_order = rows.annotate(who=current("customer")).order_by("assigned_at", "pk")
    columns = in_order.values_list("who", "offer", "churn_probability", "predicted_clv", "groups")
    for who, offer, risk, value, groups in columns:
        if who in members.drawn:
            members.doubled += 1
            members.conflicts += members.drawn[who][0] != (offer or 0)
        else:
            scores = (np.nan if risk is None else risk, np.nan if value is None else value)
            members.drawn[who] = (offer or 0, *scores)
            members.known[who] = groups
    return members


@dataclass(frozen=True)
class _Lines:
    """(n,) each, aligned with the customers; known is the part of amount whose cost is known."""

    orders: IntArray
    amount: FloatArray
    known: FloatArray
    cost: FloatArray


def _lines(campaign: Campaign, kind: EventKind, time: _Time, customer: IntArray) -> _Lines:
    """Events of a kind summed by customer. Money in another currency is left out."""
    money, costed = Q(currency=campaign.currency), Q(product__cost__isnull=False)
    sums = (
        _events(campaign, kind, time)
        .values("customer")
        .annotate(
            orders=Count("order_id", distinct=True),
            paid=Coalesce(Sum("amount", filter=money), 0),
            known=Coalesce(Sum("amount", filter=money & costed), 0),
            cost=Coalesce(Sum(F("quantity") * F("product__cost"), filter=money & costed), 0),
        )
        .values_list("customer", "orders", "paid", "known", "cost")
    )
    table = _aligned(sums, customer, columns=4)
    return _Lines(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3])


def _events(campaign: Campaign, kind: EventKind, time: _Time) -> QuerySet[Event]:
    assigned = Assignment.objects.filter(campaign=campaign)
    members = assigned.annotate(who=current("customer")).values("who")
    return Event.objects.filter(
        kind=kind,
        customer__in=members,
        occurred_at__gte=time[0],
        occurred_at__lt=time[1],
    )


def _discounts(campaign: Campaign, until: datetime, customer: IntArray) -> FloatArray:
    """(n,) what the campaign's coupons took off that the shop's own lines do not say already."""
    said = Event.objects.filter(
        customer=OuterRef("who"), order_id=OuterRef("order_id"), discount__gt=0
    ).exclude(coupon_code="")
    sums = (
        Redemption.objects.annotate(who=current("coupon__customer"))
        .filter(~Exists(said), coupon__campaign=campaign, redeemed_at__lt=until, released_at=None)
        .values("who")
        .annotate(off=Sum(F("discount_amount") - F("refunded_discount")))
        .values_list("who", "off")
    )
    return _aligned(sums, customer, columns=1)[:, 0]


def _aligned(rows: Iterable[tuple[Any, ...]], customer: IntArray, *, columns: int) -> FloatArray:
    """Rows of (customer, numbers...) as (n, columns), 0 where a customer has no row."""
    place = {pk: row for row, pk in enumerate(customer.tolist())}
    table = np.zeros((len(customer), columns))
    for pk, *values in rows:
        if (row := place.get(pk)) is not None:
            table[row] = values
    return table
