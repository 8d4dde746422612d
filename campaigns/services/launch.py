from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.selectors.audience import select_audience
from campaigns.selectors.candidates import Ranked

from .freeze import Progress, freeze
from .hold_out import enter_holdout
from .transition import State, WrongState, change_state, held


class NobodyToTreat(Exception):
    """After every exclusion one of the two groups is empty."""


def launch_campaign(campaign_id: int, *, by: Actor, at: datetime, progress: Progress) -> Campaign:
    """Freeze the audience: who is in which arm, with what probability, and why. All or nothing.

    The coupons are issued afterwards, chunk by chunk. With a trigger nobody is in it yet: see
    `admit`. Raises WrongState, NobodyToTreat.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        refuse_unlaunchable(campaign)
        if campaign.admits_until is not None:
            return _open(campaign, by=by, at=at)
        audience = select_audience(campaign, at=at)
        treated = int(audience.treated.sum())
        refuse_empty(campaign, treated=treated, control=len(audience.chosen) - treated)
        _hold_out(audience.candidates, at)
        freeze(campaign, audience, at=at, progress=progress)
        change_state(
            campaign,
            State.RUNNING,
            verb="launch",
            from_=[State.APPROVED],
            by=by,
            at=at,
            note={
                "treated": treated,
                "control": len(audience.chosen) - treated,
                "worst_case": int(audience.worst_cases.sum()),
                "left_out": {out.reason: out.count for out in audience.exclusions},
            },
            launched_at=at,
        )
    return campaign


def _open(campaign: Campaign, *, by: Actor, at: datetime) -> Campaign:
    refuse_over(campaign, at=at)
    change_state(
        campaign,
        State.RUNNING,
        verb="launch",
        from_=[State.APPROVED],
        by=by,
        at=at,
        note={"trigger": campaign.trigger, "admits_until": str(campaign.admits_until)},
        launched_at=at,
    )
    return campaign


def _hold_out(everyone: Ranked, at: datetime) -> None:
    enter_holdout(list(zip(everyone.customer.tolist(), everyone.key, strict=True)), at=at)


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
    """Raises NobodyToTreat. With a trigger it is not known yet who comes."""
    if not campaign.trigger and (not treated or not control):
        raise NobodyToTreat(
            f"{campaign.name!r} would treat {treated} customers and compare them with {control}."
            " Choose a larger band or segment, a larger budget or another control share;"
            " the preview says who is left out, and why."
        )
