"""What each customer of a campaign did after its launch, whether or not a coupon reached them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from campaigns.models import Assignment, Campaign, Redemption
from customers.models import EventKind
from customers.querysets import current
from retention.learning.measure.adjusting import winsorised
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .bought import Lines, earned_from, events_between, lines_of, taken_off

_Time = tuple[datetime, datetime]
"""From a moment to before another."""


@dataclass(frozen=True)
class Outcomes:
    """The customers of a campaign, a row each, from its launch to a moment. Money in minor units.

    customer : (n,) ids. offer : (n,) id of the offer, 0 in the control. intended : (n,) the same,
    but in the control what the customer would have got; 0 where the lot decided that.
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
    intended: IntArray
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
    drawn = np.array(list(members.drawn.values()), dtype=np.float64).reshape(-1, 4)
    time = (_launch(campaign), until)
    bought = _lines(campaign, EventKind.PURCHASE, time, customer)
    returned = _lines(campaign, EventKind.RETURN, time, customer)
    uses = Redemption.objects.filter(coupon__campaign=campaign, redeemed_at__lt=until)
    earned = earned_from(bought, returned, taken_off(uses, customer))
    return Outcomes(
        customer=customer,
        offer=drawn[:, 0].astype(np.int64),
        intended=drawn[:, 1].astype(np.int64),
        orders=bought.orders,
        revenue=earned.revenue,
        margin=earned.margin,
        cost_known=earned.cost_known,
        before=np.column_stack([drawn[:, 2:], _before(campaign, customer)]),
        known=tuple(members.known.values()),
        erased=Assignment.objects.filter(campaign=campaign, customer=None).count(),
        doubled=members.doubled,
        conflicts=members.conflicts,
    )


def _launch(campaign: Campaign) -> datetime:
    if campaign.launched_at is None:
        raise ValueError(f"{campaign.name!r} was not launched.")
    return campaign.launched_at


def _before(campaign: Campaign, customer: IntArray) -> FloatArray:
    """(n, 3) orders, what was paid for them, and the same on the scale of a log."""
    start = _launch(campaign)
    time = (start - timedelta(days=campaign.measure_days), start)
    bought = _lines(campaign, EventKind.PURCHASE, time, customer)
    paid = np.maximum(bought.amount, 0.0)
    return np.column_stack([bought.orders, winsorised(paid).values, np.log1p(paid)])


@dataclass
class _Members:
    """drawn : of each customer the offer, 0 in the control, the offer that was intended, the risk
    and the value of that day, in the order they were assigned. known : of each what they were
    called."""

    drawn: dict[int, tuple[int, int, float, float]] = field(default_factory=dict)
    known: dict[int, dict[str, str]] = field(default_factory=dict)
    doubled: int = 0
    conflicts: int = 0


def _members(campaign: Campaign) -> _Members:
    members = _Members()
    rows = Assignment.objects.filter(campaign=campaign).exclude(customer=None)
    in_order = rows.annotate(who=current("customer")).order_by("assigned_at", "pk")
    columns = in_order.values_list(
        "who", "offer", "intended_offer", "churn_probability", "predicted_clv", "groups"
    )
    for who, offer, intended, risk, value, groups in columns:
        if who in members.drawn:
            members.doubled += 1
            members.conflicts += members.drawn[who][0] != (offer or 0)
        else:
            scores = (np.nan if risk is None else risk, np.nan if value is None else value)
            members.drawn[who] = (offer or 0, offer or intended or 0, *scores)
            members.known[who] = groups
    return members


def _lines(campaign: Campaign, kind: EventKind, time: _Time, customer: IntArray) -> Lines:
    assigned = Assignment.objects.filter(campaign=campaign)
    members = assigned.annotate(who=current("customer")).values("who")
    events = events_between(kind, *time).filter(customer__in=members)
    return lines_of(events, customer, currency=campaign.currency)
