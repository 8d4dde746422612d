"""Whom a campaign's trigger chose in a span of time, and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from campaigns.models import Campaign
from customers.querysets import current

from .baskets import baskets_left
from .firing import Firing, Window
from .overdue import overdue
from .risen import risen

FRESH: Final = timedelta(hours=48)
"""So long after its moment a trigger still counts: a worker may stand still for a night, and a
shop may send its events once a day."""
HISTORY_DAYS: Final = 30
"""A campaign is previewed as though it had run for so long already."""
Trigger = Campaign.Trigger


def fired(campaign: Campaign, *, at: datetime) -> dict[int, Firing]:
    """By customer, the first first. Once launched: who is to be admitted now, without those who
    were; before: whom it would have admitted in the days of the preview."""
    if campaign.launched_at is None:
        return would_have(campaign, days=HISTORY_DAYS, at=at)
    after = at - FRESH if campaign.trigger_already else max(campaign.launched_at, at - FRESH)
    window = Window(after, at, as_it_stands=True, already=campaign.trigger_already)
    found = _fired_in(campaign, window)
    admitted = campaign.assignments.annotate(who=current("customer"))
    # Once for ever: whoever was admitted before, under whichever of their ids.
    for who in admitted.values_list("who", flat=True):
        found.pop(who, None)
    return found


def would_have(campaign: Campaign, *, days: int, at: datetime) -> dict[int, Firing]:
    """Whom it would have admitted in so many days, had it run, before any rule left them out."""
    return _fired_in(campaign, Window(at - timedelta(days=days), at, as_it_stands=False))


def _fired_in(campaign: Campaign, window: Window) -> dict[int, Firing]:
    """By customer, as it fired first in the window."""
    first: dict[int, Firing] = {}
    for one in _firings(campaign, window):
        first.setdefault(one.customer, one)
    return first


def _firings(campaign: Campaign, window: Window) -> Iterator[Firing]:
    value = campaign.trigger_value or 0.0
    match campaign.trigger:
        case Trigger.BASKET:
            yield from baskets_left(value, window)
        case Trigger.RISK:
            yield from risen(value, window)
        case Trigger.OVERDUE:
            yield from overdue(value, window)
        case _:
            raise ValueError(f"{campaign.name!r} waits for {campaign.trigger!r}, which nobody can.")
