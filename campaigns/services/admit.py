"""Lets customers into a campaign as its trigger or its calendar chooses them: a launch bit by bit,
by the same rules, the same lot and the same limits."""

from dataclasses import replace
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Sum

from campaigns.actors import SCHEDULE
from campaigns.models import Assignment, Campaign, Wave
from campaigns.selectors.audience import Audience, drawn_by_lot, eligible, priced
from campaigns.selectors.waves import number_of_waves, wave_of_each
from customers.querysets import current
from retention.access.audit import record
from retention.learning.panel import BoolArray, IntArray

from .freeze import freeze
from .hold_out import hold_out_among
from .issue import CHUNK, Progress, issue_coupons
from .open_wave import open_wave
from .transition import held


def admit_customers(campaign_id: int, *, at: datetime, progress: Progress) -> int:
    """Admit whom the trigger chooses at a moment, or whose wave it is, and issue their coupons;
    returns how many.

    Any number of workers may do this at once, and each may be killed at any moment: a chunk of
    customers is admitted whole or not at all, and nobody twice. It ends after the chunk in flight
    when the campaign is paused or cancelled, and for good when its limits leave no room.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not campaign.admits(at):
        return 0
    wave = open_wave(campaign, at=at) if campaign.is_in_waves else None
    if campaign.is_in_waves and wave is None:
        return 0
    # A clock that is behind that of whoever opened the wave: it is of this wave nevertheless.
    at = max(at, wave.opened_at) if wave else at
    everyone = _drawn(campaign, wave, at)
    hold_out_among(everyone.candidates, at=at)
    admitted, total = 0, len(everyone.chosen)
    for start in range(0, total, CHUNK):
        many = _admit(campaign_id, everyone.of(slice(start, start + CHUNK)), wave, at)
        if many is None:
            break
        admitted += many
        progress(min(start + CHUNK, total), total, f"{admitted:,} customers admitted")
    else:
        if wave:
            _finish(campaign_id, wave, at)
    issue_coupons(campaign_id, at=at, progress=progress)
    return admitted


def _drawn(campaign: Campaign, wave: Wave | None, at: datetime) -> Audience:
    """Whom no rule leaves out, with their arms; of a wave those who were drawn into it, and into
    earlier ones that they could not come in with."""
    who, offers = eligible(campaign, at=at), tuple(campaign.offers.order_by("pk"))
    if wave is None:
        return drawn_by_lot(campaign, priced(campaign, offers, who))
    left = who.left.of(wave_of_each(campaign, list(who.left.key)) <= wave.number)
    words = np.full(len(left), f"Wave {wave.number + 1}", dtype=object)
    theirs = replace(who, left=replace(left, occasion=words))
    return drawn_by_lot(campaign, priced(campaign, offers, theirs), shares=wave.shares)


def _admit(campaign_id: int, chosen: Audience, wave: Wave | None, at: datetime) -> int | None:
    """One chunk in one transaction; None where the campaign or its wave admits nobody more."""
    with transaction.atomic():
        campaign = held(campaign_id)
        is_over = wave is not None and campaign.waves.exclude(done_at=None).filter(pk=wave.pk)
        if is_over or not campaign.admits(at):
            return None
        new = chosen.of(np.flatnonzero(_not_in(campaign, chosen.chosen.customer)))
        fits = _room(campaign, new, _part(campaign, wave))
        freeze(campaign, new.of(slice(fits)), at=at, progress=_silent)
        if fits < len(new.chosen):
            if wave:
                _finish(campaign_id, wave, at)
            else:
                _close(campaign, at, "No room is left within its limits.")
    return fits


def _finish(campaign_id: int, wave: Wave, at: datetime) -> None:
    """Everyone of a wave for whom there is room is in; after the last one nobody comes."""
    with transaction.atomic():
        campaign = held(campaign_id)
        finished = campaign.waves.filter(pk=wave.pk, done_at=None).update(done_at=at)
        if finished and wave.number + 1 >= number_of_waves(campaign, at=at):
            _close(campaign, at, "The last wave is in.")


def _part(campaign: Campaign, wave: Wave | None) -> float:
    """How much of the limits may be used by now: a wave leaves the later ones their equal part."""
    if wave is None:
        return 1.0
    return min((wave.number + 1) / number_of_waves(campaign, at=wave.opened_at), 1.0)


def _not_in(campaign: Campaign, customer: IntArray) -> BoolArray:
    """(n,) whom no other worker admitted meanwhile, under whichever of their ids."""
    there = campaign.assignments.annotate(who=current("customer"))
    admitted = there.filter(who__in=customer.tolist()).values_list("who", flat=True)
    return ~np.isin(customer, list(admitted))


def _room(campaign: Campaign, new: Audience, part: float) -> int:
    """How many of these, in their order, a part of the limits lets in.

    The next one is let in while the budget covers the dearest offer, whichever arm is theirs: a
    budget that stopped at the first treated would leave controls of its last days without them.
    """
    waiting = campaign.assignments.filter(outcome=Assignment.Outcome.WAITING)
    promised = waiting.aggregate(most=Sum("offer__maximum_discount"))["most"] or 0
    dearest = max(offer.maximum_discount for offer in new.offers)
    left = int(campaign.budget_amount * part) - campaign.committed_amount - promised - dearest
    before = np.cumsum(new.worst_cases) - new.worst_cases
    covered = int(np.searchsorted(before, left, side="right"))
    if campaign.maximum_customers is None:
        return covered
    most = int(campaign.maximum_customers * part)
    return min(covered, max(most - campaign.assignments.count(), 0))


def _close(campaign: Campaign, at: datetime, reason: str) -> None:
    """From now on it admits nobody, and its last day is known."""
    Campaign.objects.filter(pk=campaign.pk).update(admits_until=at)
    record(
        "campaign.close",
        thing=campaign,
        actor=SCHEDULE.name,
        user=None,
        at=at,
        before={"admits_until": str(campaign.admits_until)},
        after={"admits_until": str(at), "reason": reason},
    )


def _silent(done: int, total: int, message: str) -> None:
    """A chunk is told of as a whole."""
