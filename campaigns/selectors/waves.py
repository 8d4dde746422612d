"""A campaign in waves: who comes in with which, and how its offers share the next one."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q

from campaigns.models import Campaign, Offer
from customers.models import Event, EventKind
from customers.querysets import current
from retention.learning.decide.adaptive import chance_best, next_shares
from retention.learning.measure.experiments import uniforms
from retention.learning.panel import IntArray


@dataclass(frozen=True)
class ArmOfWave:
    """An offer in a wave. share : of those with a coupon. best : the chance that it was the best
    by what was known then, from so many customers of whom so many had ordered."""

    offer: str
    share: float
    best: float
    known: int
    ordered: int
    customers: int


@dataclass(frozen=True)
class WaveSeen:
    """number : from 1. control : customers of it."""

    number: int
    opened_at: datetime
    control: int
    arms: tuple[ArmOfWave, ...]


@dataclass(frozen=True)
class WaveNow:
    """Where a campaign in waves is. number : of the last one that opened, from 1; 0 before the
    first. next_at : when the next opens, in the past while it is due; None after the last one, and
    where none opens as it does not run."""

    number: int
    of: int
    next_at: datetime | None


def wave_now(campaign: Campaign, *, at: datetime) -> WaveNow | None:
    """None where it is in no waves, or was not launched."""
    if not campaign.is_in_waves or campaign.launched_at is None:
        return None
    opened = max((wave.number + 1 for wave in campaign.waves.all()), default=0)
    many = max(number_of_waves(campaign, at=at), opened)
    # One that nobody opened in its time comes in with the next.
    coming = max(opened, wave_at(campaign, at))
    runs = campaign.state == Campaign.State.RUNNING and coming < many
    due = campaign.launched_at + coming * _apart(campaign)
    return WaveNow(number=opened, of=many, next_at=due if runs else None)


def number_of_waves(campaign: Campaign, *, at: datetime) -> int:
    """How many there are from the launch, or from a moment before it, to the last day; 0 where it
    has none."""
    if not campaign.is_in_waves or campaign.admits_until is None:
        return 0
    time = campaign.admits_until - (campaign.launched_at or at)
    return max(ceil(time / _apart(campaign)), 1)


def wave_at(campaign: Campaign, at: datetime) -> int:
    """The number, from 0, of the wave whose time it is. The campaign was launched."""
    return (at - (campaign.launched_at or at)) // _apart(campaign)


def wave_of_each(campaign: Campaign, keys: Sequence[str]) -> IntArray:
    """(n,) the wave that each customer is drawn into, the same whenever it is drawn: every wave is
    a fair sample of all customers, and which one says nothing about the arm."""
    many, salt = number_of_waves(campaign, at=campaign.created_at), f"{campaign.salt}.wave"
    return (uniforms(keys, salt) * many).astype(np.int64)


def arms_of_next(
    campaign: Campaign, offers: Sequence[Offer], *, at: datetime
) -> list[dict[str, Any]]:
    """How a wave that opens now is shared, and what that rests on: a Wave's arms."""
    known, ordered = _known(campaign, offers, at=at)
    if campaign.assigning == Campaign.Assigning.SHIFT:
        shares = next_shares(known, ordered).tolist()
    else:
        weights = sum(offer.share for offer in offers)
        shares = [offer.share / weights for offer in offers]
    columns = shares, chance_best(known, ordered), known.sum(axis=0), ordered.sum(axis=0)
    return [
        {
            "offer": offer.pk,
            "share": float(share),
            "best": float(best),
            "known": int(n),
            "ordered": int(r),
        }
        for offer, share, best, n, r in zip(offers, *columns, strict=True)
    ]


def waves_of(campaign: Campaign) -> tuple[WaveSeen, ...]:
    """Every wave so far, in 3 queries."""
    waves = list(campaign.waves.order_by("number"))
    names = dict(campaign.offers.values_list("pk", "name"))
    opened, counts = [wave.opened_at for wave in waves], dict[tuple[int, int | None], int]()
    came = campaign.assignments.values("assigned_at", "offer").annotate(n=Count("pk"))
    for one in came if waves else ():
        place = bisect_right(opened, one["assigned_at"]) - 1, one["offer"]
        counts[place] = counts.get(place, 0) + one["n"]
    return tuple(
        WaveSeen(
            number=wave.number + 1,
            opened_at=wave.opened_at,
            control=counts.get((place, None), 0),
            arms=tuple(
                ArmOfWave(
                    **(arm | {"offer": names[arm["offer"]]}),
                    customers=counts.get((place, arm["offer"]), 0),
                )
                for arm in wave.arms
            ),
        )
        for place, wave in enumerate(waves)
    )


def _known(
    campaign: Campaign, offers: Sequence[Offer], *, at: datetime
) -> tuple[IntArray, IntArray]:
    """(waves, m) customers each, whose days of a wave are over; who of them ordered."""
    opened = list(campaign.waves.order_by("number").values_list("opened_at", flat=True))
    arm = {offer.pk: number for number, offer in enumerate(offers)}
    counts = np.zeros((2, len(opened), len(offers)), dtype=np.int64)
    theirs = Event.objects.filter(
        kind=EventKind.PURCHASE,
        customer=OuterRef("who"),
        occurred_at__gte=OuterRef("assigned_at"),
        occurred_at__lt=OuterRef("assigned_at") + _apart(campaign),
    )
    treated = campaign.assignments.filter(
        assigned_at__lte=at - _apart(campaign), offer__isnull=False, customer__isnull=False
    )
    counted = (
        treated.annotate(who=current("customer"))
        .annotate(ordered=Exists(theirs))
        .values("assigned_at", "offer")
        .annotate(n=Count("pk"), r=Count("pk", filter=Q(ordered=True)))
    )
    for one in counted:
        place = bisect_right(opened, one["assigned_at"]) - 1, arm[one["offer"]]
        counts[0][place] += one["n"]
        counts[1][place] += one["r"]
    return counts[0], counts[1]


def _apart(campaign: Campaign) -> timedelta:
    return timedelta(days=campaign.trigger_value or 1)
