from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.selectors.audience import select_audience

from .freeze import freeze
from .hold_out import hold_out_among
from .issue import Progress
from .issue_general import issue_general_code
from .transition import State, WrongState, change_state, held


class NobodyToTreat(Exception):
    """After every exclusion one of the two groups is empty."""


def launch_campaign(campaign_id: int, *, by: Actor, at: datetime, progress: Progress) -> Campaign:
    """Freeze the audience: who is in which arm, with what probability, and why. All or nothing.

    The coupons are issued afterwards, chunk by chunk. With a trigger or in waves nobody is in it
    yet: see `admit`. Raises WrongState, NobodyToTreat.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        refuse_unlaunchable(campaign)
        if campaign.trigger:
            refuse_over(campaign, at=at)
            note = {"trigger": campaign.trigger, "admits_until": str(campaign.admits_until)}
        elif campaign.is_general:
            note = issue_general_code(campaign, at=at)
        else:
            note = _chosen(campaign, at=at, progress=progress)
        change_state(
            campaign,
            State.RUNNING,
            verb="launch",
            from_=[State.APPROVED],
            by=by,
            at=at,
            note=note,
            launched_at=at,
        )
    return campaign


def _chosen(campaign: Campaign, *, at: datetime, progress: Progress) -> dict[str, Any]:
    """Freezes the audience; returns what the audit log keeps of it."""
    audience = select_audience(campaign, at=at)
    treated = int(audience.treated.sum())
    control = len(audience.chosen) - treated
    refuse_empty(campaign, treated=treated, control=control)
    hold_out_among(audience.candidates, at=at)
    freeze(campaign, audience, at=at, progress=progress)
    return {
        "treated": treated,
        "control": control,
        "worst_case": int(audience.worst_cases.sum()),
        "left_out": {out.reason: out.count for out in audience.exclusions},
    }


def refuse_unlaunchable(campaign: Campaign) -> None:
    """Raises WrongState, as launching would."""
    if campaign.state != State.APPROVED:
        raise WrongState(
            f"{campaign.name!r} is {State(campaign.state).label.lower()}."
            " To launch a campaign, it must be approved."
        )


def refuse_over(campaign: Campaign, *, at: datetime) -> None:
    """Raises WrongState where the last day of a trigger has passed."""
    last = campaign.admits_until
    if last is not None and last <= at:
        raise WrongState(
            f"{campaign.name!r} was to admit customers until {localtime(last):%-d %B %Y}. Take it"
            " back to a draft and choose a later day."
        )


def refuse_empty(campaign: Campaign, *, treated: int, control: int) -> None:
    """Raises NobodyToTreat. With a trigger or a code for all it is not known yet who comes."""
    if not campaign.waits and not campaign.is_general and (not treated or not control):
        raise NobodyToTreat(
            f"{campaign.name!r} would treat {treated} customers and compare them with {control}."
            " Choose a larger band or segment, a larger budget or another control share;"
            " the preview says who is left out, and why."
        )
