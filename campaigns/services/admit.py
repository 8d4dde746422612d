"""Lets customers into a campaign as its trigger chooses them: a launch bit by bit, by the same
rules, the same lot and the same limits."""

from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Sum

from campaigns.actors import SCHEDULE
from campaigns.models import Assignment, Campaign
from campaigns.selectors.audience import Audience, drawn_by_lot, eligible, priced
from customers.querysets import current
from retention.access.audit import record
from retention.learning.panel import BoolArray, IntArray

from .freeze import Progress, freeze
from .hold_out import hold_out_among
from .issue import CHUNK, issue_coupons
from .transition import held


def admit_customers(campaign_id: int, *, at: datetime, progress: Progress) -> int:
    """Admit whom the trigger chooses at a moment, and issue their coupons; returns how many.

    Any number of workers may do this at once, and each may be killed at any moment: a chunk of
    customers is admitted whole or not at all, and nobody twice. It ends after the chunk in flight
    when the campaign is paused or cancelled, and for good when its limits leave no room.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not campaign.admits(at):
        return 0
    who = eligible(campaign, at=at)
    offers = tuple(campaign.offers.order_by("pk"))
    everyone = drawn_by_lot(campaign, priced(campaign, offers, who))
    hold_out_among(who.candidates, at=at)
    admitted, total = 0, len(everyone.chosen)
    for start in range(0, total, CHUNK):
        many = _admit(campaign_id, everyone.of(slice(start, start + CHUNK)), at)
        if many is None:
            break
        admitted += many
        progress(min(start + CHUNK, total), total, f"{admitted:,} customers admitted")
    issue_coupons(campaign_id, at=at, progress=progress)
    return admitted


def _admit(campaign_id: int, chosen: Audience, at: datetime) -> int | None:
    """One chunk in one transaction; None where the campaign admits nobody more."""
    with transaction.atomic():
        campaign = held(campaign_id)
        if not campaign.admits(at):
            return None
        new = chosen.of(np.flatnonzero(_not_in(campaign, chosen.chosen.customer)))
        fits = _room(campaign, new)
        freeze(campaign, new.of(slice(fits)), at=at, progress=_silent)
        if fits < len(new.chosen):
            _close(campaign, at)
    return fits


def _not_in(campaign: Campaign, customer: IntArray) -> BoolArray:
    """(n,) whom no other worker admitted meanwhile, under whichever of their ids."""
    there = campaign.assignments.annotate(who=current("customer"))
    admitted = there.filter(who__in=customer.tolist()).values_list("who", flat=True)
    return ~np.isin(customer, list(admitted))


def _room(campaign: Campaign, new: Audience) -> int:
    """How many of these, in their order, the limits let in.

    The next one is let in while the budget covers the dearest offer, whichever arm is theirs: a
    budget that stopped at the first treated would leave controls of its last days without them.
    """
    waiting = campaign.assignments.filter(outcome=Assignment.Outcome.WAITING)
    promised = waiting.aggregate(most=Sum("offer__maximum_discount"))["most"] or 0
    dearest = max(offer.maximum_discount for offer in new.offers)
    left = campaign.remaining_amount - promised - dearest
    before = np.cumsum(new.worst_cases) - new.worst_cases
    covered = int(np.searchsorted(before, left, side="right"))
    if campaign.maximum_customers is None:
        return covered
    return min(covered, max(campaign.maximum_customers - campaign.assignments.count(), 0))


def _close(campaign: Campaign, at: datetime) -> None:
    """Its limits are reached: from now on it admits nobody, and its last day is known."""
    Campaign.objects.filter(pk=campaign.pk).update(admits_until=at)
    record(
        "campaign.close",
        thing=campaign,
        actor=SCHEDULE.name,
        user=None,
        at=at,
        before={"admits_until": str(campaign.admits_until)},
        after={"admits_until": str(at), "reason": "No room is left within its limits."},
    )


def _silent(done: int, total: int, message: str) -> None:
    """A chunk is told of as a whole."""
