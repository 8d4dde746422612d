"""How a campaign changes its state: its row is held, one statement moves it, the audit log knows.

Whoever moves a campaign's state or its money holds the campaign's row first and nothing before it:
one lock, so no two of them can block each other in a ring.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from campaigns.actors import Actor
from campaigns.models import Campaign
from retention.access.audit import record

State = Campaign.State


class WrongState(Exception):
    """What was asked is not possible in the state the campaign is in."""


class ChangedSince(Exception):
    """Someone edited the campaign after the page was opened."""


def held(campaign_id: int) -> Campaign:
    """The campaign, locked until the caller's transaction ends."""
    return Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)


def change_state(
    campaign: Campaign,
    to: State,
    *,
    verb: str,
    from_: Iterable[State],
    by: Actor,
    at: datetime,
    note: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a held campaign on and write down who did it. Raises WrongState."""
    allowed, before = list(from_), campaign.state
    if not campaign.move(to, from_=allowed, **fields):
        possible = " or ".join(state.label.lower() for state in allowed)
        raise WrongState(
            f"{campaign.name!r} is {State(before).label.lower()}."
            f" To {verb} a campaign, it must be {possible}."
        )
    record(
        f"campaign.{verb}",
        thing=campaign,
        actor=by.name,
        user=by.user,
        at=at,
        before={"state": before},
        after={"state": to, "revision": campaign.revision} | (note or {}),
    )


def refuse_if_changed(campaign: Campaign, revision: int | None) -> None:
    """The one who decides must have seen what they decide on. Raises ChangedSince."""
    if revision is not None and revision != campaign.revision:
        raise ChangedSince(
            f"{campaign.name!r} was edited since you opened it (revision {campaign.revision},"
            f" you saw {revision}). Look at it again."
        )
