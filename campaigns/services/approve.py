from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign

from .transition import State, change_state, held, refuse_if_changed


class NotYours(Exception):
    """Nobody approves their own campaign, and no machine approves one."""


def approve_campaign(
    campaign_id: int, *, by: Actor, at: datetime, revision: int | None = None
) -> Campaign:
    """A second person agrees to what a campaign may cost. Raises NotYours, WrongState."""
    with transaction.atomic():
        campaign = held(campaign_id)
        refuse_if_changed(campaign, revision)
        _refuse_authors(campaign, by)
        change_state(
            campaign,
            State.APPROVED,
            verb="approve",
            from_=[State.PENDING_APPROVAL],
            by=by,
            at=at,
            note={"budget_amount": campaign.budget_amount, "currency": campaign.currency},
            approved_by=by.user,
            approved_at=at,
        )
    return campaign


def _refuse_authors(campaign: Campaign, by: Actor) -> None:
    if by.user is None:
        raise NotYours(f"{by.name} is not a person. Someone who is signed in has to approve this.")
    if campaign.is_by(by.user.pk):
        raise NotYours(
            f"{campaign.name!r} was drafted or sent in by you. Ask someone else to approve it."
        )
