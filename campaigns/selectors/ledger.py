"""A row a campaign: what it cost, what it earned, what it taught."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import hypot

from django.conf import settings
from django.db.models import Count, Q, Sum

from campaigns.models import Assignment, Campaign, Redemption
from campaigns.querysets import COST_OF_A_USE
from customers.querysets import current
from retention.learning.measure.experiments import FEWEST

from .answers import CARRIED_OUT
from .experiments import AT_ONCE
from .results import Results, results_of_each
from .verdict import Answer

Arm, Outcome = Assignment.Arm, Assignment.Outcome
COUNTED = {Answer.EARNED, Answer.LOST, Answer.UNCLEAR}
"""Answers whose money is added up."""


@dataclass(frozen=True)
class Entry:
    """Money in minor units; earned, low, high are None where nothing can be said.

    discounts : taken off by coupons that stayed used. committed : what all coupons could have cost.
    used_by : customers who used a code for all; None of others, whose customers were drawn.
    taught : draws from which whom coupons change is learned, 0 where none; lesson : why.
    """

    campaign: int
    name: str
    state: str
    launched_at: datetime | None
    currency: str
    treated: int
    control: int
    used_by: int | None
    committed: int
    discounts: int
    answer: Answer
    headline: str
    earned: int | None
    low: int | None
    high: int | None
    kept: float | None
    taught: int
    lesson: str


@dataclass(frozen=True)
class Sums:
    """discounts, committed : of all in the shop's currency. earned, low, high : of those with an
    answer; their lots were drawn apart, so that errors add up like the sides of a right angle."""

    currency: str
    discounts: int
    committed: int
    counted: int
    earned: int
    low: int
    high: int


def entries_of(campaigns: Sequence[Campaign], *, at: datetime) -> tuple[Entry, ...]:
    """Of campaigns that were launched, in their order; in 5 queries."""
    found = results_of_each(campaigns, at=at)
    discounts, drawn, used_by = _discounts(campaigns), _drawn(campaigns), _used_by(campaigns)
    return tuple(
        replace(
            _entry(one, found[one.pk], discounts.get(one.pk, 0), drawn.get(one.pk, (0, 0, 0)), at),
            used_by=used_by.get(one.pk, 0) if one.is_general else None,
        )
        for one in campaigns
    )


def sums(*, at: datetime) -> Sums:
    """Of every campaign that was launched; in 4 queries."""
    ours = list(Campaign.objects.launched().filter(currency=settings.SHOP_CURRENCY))
    found = results_of_each(ours, at=at).values()
    counted = [one for one in found if one.answer in COUNTED and one.net_total is not None]
    earned = sum(one.net_total or 0 for one in counted)
    return Sums(
        currency=settings.SHOP_CURRENCY,
        discounts=sum(_discounts(ours).values()),
        committed=sum(one.committed_amount for one in ours),
        counted=len(counted),
        earned=earned,
        low=earned - _beside([(one.net_total or 0) - (one.net_low or 0) for one in counted]),
        high=earned + _beside([(one.net_high or 0) - (one.net_total or 0) for one in counted]),
    )


def _beside(halves: Sequence[int]) -> int:
    return round(hypot(*halves))


def _discounts(campaigns: Sequence[Campaign]) -> dict[int, int]:
    """What coupons took off, by campaign."""
    uses = Redemption.objects.filter(released_at=None, coupon__campaign__in=campaigns)
    off = uses.values_list("coupon__campaign").annotate(off=Sum(COST_OF_A_USE))
    return dict(off)


def _used_by(campaigns: Sequence[Campaign]) -> dict[int, int]:
    """Customers who used a code for all, by campaign."""
    general = [one for one in campaigns if one.is_general]
    uses = Redemption.objects.filter(released_at=None, coupon__campaign__in=general)
    by = Count(current("customer"), distinct=True)
    return dict(uses.values_list("coupon__campaign").annotate(by=by))


def _drawn(campaigns: Sequence[Campaign]) -> dict[int, tuple[int, int, int]]:
    """(treated, issued, control) by campaign."""
    there = Assignment.objects.filter(campaign__in=campaigns)
    counted = there.values_list("campaign").annotate(
        treated=Count("pk", filter=Q(arm=Arm.TREATMENT)),
        issued=Count("pk", filter=Q(outcome=Outcome.ISSUED)),
        control=Count("pk", filter=Q(arm=Arm.CONTROL)),
    )
    return {pk: (treated, issued, control) for pk, treated, issued, control in counted}


def _entry(
    campaign: Campaign, found: Results, off: int, drawn: tuple[int, int, int], at: datetime
) -> Entry:
    treated, issued, control = drawn
    taught, lesson = _lesson(
        campaign, found, treated=treated, issued=issued, control=control, at=at
    )
    told = found.answer in COUNTED
    kept = found.overall.of("KEPT") if found.overall and told else None
    return Entry(
        campaign=campaign.pk,
        name=campaign.name,
        state=campaign.state,
        launched_at=campaign.launched_at,
        currency=campaign.currency,
        treated=treated,
        control=control,
        used_by=None,
        committed=campaign.committed_amount,
        discounts=off,
        answer=found.answer,
        headline=found.headline,
        earned=found.net_total if told else None,
        low=found.net_low if told else None,
        high=found.net_high if told else None,
        kept=kept.effect if kept else None,
        taught=taught,
        lesson=lesson,
    )


def _lesson(
    campaign: Campaign, found: Results, *, treated: int, issued: int, control: int, at: datetime
) -> tuple[int, str]:
    """How many draws the learning of whom coupons change takes from it, and why."""
    if campaign.is_general:
        return 0, "Nothing: a code for all has no control"
    if campaign.trigger not in AT_ONCE:
        return 0, "Nothing: its customers came in on days of their own"
    if not campaign.is_measured_whole(at):
        return 0, "Not over yet"
    if not issued or issued < CARRIED_OUT * treated:
        return 0, f"Nothing: only {issued:,} of {treated:,} drawn got their coupon"
    if min(treated, control) < FEWEST:
        return treated + control, "Learned from, with few customers"
    return treated + control, "Learned from"
