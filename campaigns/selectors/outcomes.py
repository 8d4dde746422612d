"""What each customer of a campaign did after its launch, whether or not a coupon reached them."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from django.db.models import QuerySet

from campaigns.models import Assignment, Campaign, Redemption
from customers.models import Event, EventKind
from customers.querysets import current
from retention.learning.measure.adjusting import winsorised
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .bought import Lines, earned_from, lines_of, taken_off
from .own_time import OwnTime, measured

AN_EVENT: Final = {"who": "customer", "moment": "occurred_at"}
A_USE: Final = {"who": "coupon__customer", "moment": "redeemed_at"}


@dataclass(frozen=True)
class Outcomes:
    """The customers of a campaign, a row each, from its launch to a moment; with a trigger in as
    many days from their own admission, and only if these are over. Money in minor units.

    customer : (n,) ids. offer : (n,) id of the offer, 0 in the control. intended : (n,) the same,
    but in the control what the customer would have got; 0 where the lot decided that.
    used : (n,) whether they spent a coupon of it.
    orders : (n,) orders; one is enough to count as kept.
    revenue : (n,) paid for goods, less returns, less what the coupons took off.
    margin : (n,) the same less what the goods cost the shop; nan where no cost is known.
    cost_known : share of the revenue whose goods' cost is known; margin assumes for the rest the
        cost rate of that share.
    erased : customers who asked to be forgotten since; they are in no row.
    before : (n, m) what was known of each at the launch and may foretell the rest: the scores of
        that day, and what they did in as long a time as is measured. nan where there was no score.
    known : (n,) what each was called at the launch, by what they are grouped by.
    wave : (n,) the wave each came in with, from 0; 0 where there are none.
    doubled : assignments left out because their customer is one with another of the campaign, who
        was assigned before; conflicts : of these, in another arm than that one.
    """

    customer: IntArray
    offer: IntArray
    intended: IntArray
    used: BoolArray
    orders: IntArray
    revenue: FloatArray
    margin: FloatArray
    cost_known: float
    before: FloatArray
    known: tuple[dict[str, str], ...]
    wave: IntArray
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
    members = _members(campaign, until)
    customer = np.fromiter(members.drawn, dtype=np.int64)
    drawn = np.array(list(members.drawn.values()), dtype=np.float64).reshape(-1, 5)
    time = OwnTime(campaign, until, members.later)
    bought, returned = (
        _lines(time.after(_events(campaign, kind), **AN_EVENT), customer, campaign)
        for kind in (EventKind.PURCHASE, EventKind.RETURN)
    )
    uses = time.after(Redemption.objects.filter(coupon__campaign=campaign), **A_USE)
    earned = earned_from(bought, returned, taken_off(uses, customer))
    return Outcomes(
        customer=customer,
        offer=drawn[:, 0].astype(np.int64),
        intended=drawn[:, 1].astype(np.int64),
        used=_used(uses, customer),
        orders=bought.orders,
        revenue=earned.revenue,
        margin=earned.margin,
        cost_known=earned.cost_known,
        before=np.column_stack([drawn[:, 2:4], _before(time, customer)]),
        known=tuple(members.known.values()),
        wave=drawn[:, 4].astype(np.int64),
        erased=measured(campaign, until=until).filter(customer=None).count(),
        doubled=len(members.later),
        conflicts=members.conflicts,
    )


def _used(uses: QuerySet[Redemption], customer: IntArray) -> BoolArray:
    stayed = uses.filter(released_at=None).annotate(who=current("coupon__customer"))
    return np.isin(customer, list(stayed.values_list("who", flat=True)))


def _before(time: OwnTime, customer: IntArray) -> FloatArray:
    """(n, 3) orders, what was paid for them, and the same on the scale of a log."""
    events = time.before(_events(time.campaign, EventKind.PURCHASE), **AN_EVENT)
    bought = _lines(events, customer, time.campaign)
    paid = np.maximum(bought.amount, 0.0)
    return np.column_stack([bought.orders, winsorised(paid).values, np.log1p(paid)])


@dataclass
class _Members:
    """drawn : of each customer the offer, 0 in the control, the offer that was intended, the risk
    and the value of that day, the wave, in the order they were assigned. known : of each what they
    were called. later : ids of assignments whose customer has an earlier one."""

    drawn: dict[int, tuple[int, int, float, float, int]] = field(default_factory=dict)
    known: dict[int, dict[str, str]] = field(default_factory=dict)
    later: list[int] = field(default_factory=list)
    conflicts: int = 0


def _members(campaign: Campaign, until: datetime) -> _Members:
    members = _Members()
    rows = measured(campaign, until=until).exclude(customer=None)
    in_order = rows.annotate(who=current("customer")).order_by("assigned_at", "pk")
    opened = list(campaign.waves.order_by("number").values_list("opened_at", flat=True))
    columns = in_order.values_list(
        "pk",
        "who",
        "assigned_at",
        "offer",
        "intended_offer",
        "churn_probability",
        "predicted_clv",
        "groups",
    )
    for pk, who, moment, offer, intended, risk, value, groups in columns:
        if who in members.drawn:
            members.later.append(pk)
            members.conflicts += members.drawn[who][0] != (offer or 0)
        else:
            scores = (np.nan if risk is None else risk, np.nan if value is None else value)
            wave = max(bisect_right(opened, moment) - 1, 0)
            members.drawn[who] = (offer or 0, offer or intended or 0, *scores, wave)
            members.known[who] = groups
    return members


def _events(campaign: Campaign, kind: EventKind) -> QuerySet[Event]:
    assigned = Assignment.objects.filter(campaign=campaign)
    members = assigned.annotate(who=current("customer")).values("who")
    return Event.objects.filter(kind=kind, customer__in=members)


def _lines(events: QuerySet[Event], customer: IntArray, campaign: Campaign) -> Lines:
    return lines_of(events, customer, currency=campaign.currency)
