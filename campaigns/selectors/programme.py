"""Everybody whom campaigns may reach, and everybody held out of all of them: what each did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Coalesce, Least

from campaigns.models import Campaign, Holdout, Redemption
from customers.models import Customer, EventKind
from retention.insights.models import ChurnDefinition
from retention.learning.measure.adjusting import winsorised
from retention.learning.measure.experiments import uniform
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .arms import HOLDOUT_SALT
from .bought import Lines, earned_from, events_between, lines_of, taken_off
from .candidates import FETCHED

BEFORE = timedelta(days=180)
"""So much of what customers did before the start foretells what they do after it."""


@dataclass(frozen=True)
class Shares:
    """With what share customers were drawn, from when on; (m,) each, in order of time."""

    moment: FloatArray
    share: FloatArray

    @classmethod
    def recorded(cls) -> "Shares":
        rows = Holdout.objects.order_by("entered_at").values_list("entered_at", "probability")
        seen = [(at.timestamp(), share) for at, share in rows.distinct()]
        moment, share = zip(*seen, strict=True) if seen else ((), ())
        return cls(np.array(moment, dtype=np.float64), np.array(share, dtype=np.float64))

    def of(self, entered: FloatArray) -> FloatArray:
        """(n,) the share of the first draw that a customer who came then was in."""
        row = np.searchsorted(self.moment, entered, side="left")
        out: FloatArray = self.share[np.minimum(row, len(self.share) - 1)]
        return out


@dataclass(frozen=True)
class Followed:
    """Customers from the start, or from when they came, to a moment; a row each.

    held_out : (n,) drawn to get no campaign, when they came. share : (n,) with this probability.
    kept : (n,) ordered within the days of the shop's definition before that moment.
    orders : (n,); revenue, margin : (n,) minor units, net of returns and of all coupons.
    before : (n, 3) what each did before the start.
    late : customers left out, who were held out after they came since the share was raised.
    """

    held_out: BoolArray
    share: FloatArray
    kept: FloatArray
    orders: FloatArray
    revenue: FloatArray
    margin: FloatArray
    cost_known: float
    before: FloatArray
    late: int

    def __len__(self) -> int:
        return len(self.share)


def drawn_since() -> datetime | None:
    """When the first customer was held out; None where nobody is."""
    first = Holdout.objects.order_by("entered_at").first()
    return first.entered_at if first else None


def programme_start() -> datetime | None:
    """The first launch beside which somebody was held out: before it no campaign did anything.
    None where there is none."""
    drawn = drawn_since()
    launched = Campaign.objects.aggregate(first=Min("launched_at"))["first"]
    return max(drawn, launched) if drawn and launched else None


def followed(*, start: datetime, until: datetime) -> Followed:
    """Everyone who came before `until`, as their own draw has it, whatever they got since.

    Who was merged into another is one person with them, and in the group of the kept one.
    """
    people = _people(until)
    customer, held_out, share = people.customer, people.held_out, people.share
    currency = settings.SHOP_CURRENCY

    def lines(kind: EventKind, first: datetime, last: datetime = until) -> Lines:
        return lines_of(events_between(kind, first, last), customer, currency=currency)

    bought = lines(EventKind.PURCHASE, start)
    time = {"redeemed_at__gte": start, "redeemed_at__lt": until}
    uses = Redemption.objects.filter(**time, currency=currency)
    returned, off = lines(EventKind.RETURN, start), taken_off(uses, customer)
    earned = earned_from(bought, returned, off)
    lately = lines(EventKind.PURCHASE, until - timedelta(days=kept_days()))
    earlier = lines(EventKind.PURCHASE, start - BEFORE, start)
    paid = np.maximum(earlier.amount, 0.0)
    return Followed(
        held_out=held_out,
        share=share,
        kept=(lately.orders > 0).astype(np.float64),
        orders=bought.orders.astype(np.float64),
        revenue=earned.revenue,
        margin=earned.margin,
        cost_known=earned.cost_known,
        before=np.column_stack([earlier.orders, winsorised(paid).values, np.log1p(paid)]),
        late=people.late,
    )


def kept_days() -> int:
    """Kept means: ordered within so many days."""
    definition = ChurnDefinition.objects.first() or ChurnDefinition()
    return definition.horizon_days


@dataclass(frozen=True)
class _People:
    """(n,) each; see Followed."""

    customer: IntArray
    held_out: BoolArray
    share: FloatArray
    late: int


def _people(until: datetime) -> _People:
    drawn = drawn_since() or until
    arrived = list(_arrivals(until))
    who = np.array([pk for pk, _, _ in arrived], dtype=np.int64)
    came = [max(at, drawn.timestamp()) for _, _, at in arrived]
    share = Shares.recorded().of(np.array(came, dtype=np.float64))
    recorded = dict(Holdout.objects.values_list("customer_id", "probability"))
    held, late = np.zeros(len(who), dtype=bool), np.zeros(len(who), dtype=bool)
    for row, (pk, key, _) in enumerate(arrived):
        if (probability := recorded.get(pk)) is not None:
            raised = probability > share[row] and uniform(key, HOLDOUT_SALT) >= share[row]
            held[row], late[row] = not raised, raised
    return _People(who[~late], held[~late], share[~late], int(late.sum()))


def _arrivals(until: datetime) -> Iterator[tuple[int, str, float]]:
    """(id, the shop's id, when they came) of everyone but the absorbed: the place of the kept one
    decides here as it does in a launch."""
    came = Least("created_at", Coalesce("first_seen_at", "created_at"))
    ids = Customer.objects.present().annotate(came=came)
    rows = ids.filter(came__lt=until).order_by("came", "pk")
    columns = rows.values_list("pk", "external_id", "came")
    for pk, key, at in columns.iterator(chunk_size=FETCHED):
        yield pk, key, at.timestamp()
