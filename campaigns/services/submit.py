from dataclasses import asdict, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.selectors.preview import preview

from .launch import refuse_empty, refuse_over
from .transition import State, change_state, held, refuse_if_changed


def submit_campaign(
    campaign_id: int, *, by: Actor, at: datetime, revision: int | None = None
) -> Campaign:
    """Send a draft in, with what its author saw. What cannot cost more than the limit needs no
    second person: it is approved at once.

    Raises WrongState, ChangedSince, NobodyToTreat.
    """
    seen = Campaign.objects.get(pk=campaign_id)
    refuse_if_changed(seen, revision)
    refuse_over(seen, at=at)
    shown = None if seen.is_general else preview(seen, at=at)
    if shown is not None:
        refuse_empty(seen, treated=shown.treated, control=shown.control)
    with transaction.atomic():
        campaign = held(campaign_id)
        refuse_if_changed(campaign, seen.revision)
        alone = not needs_approval(campaign)
        change_state(
            campaign,
            State.APPROVED if alone else State.PENDING_APPROVAL,
            verb="submit",
            from_=[State.DRAFT],
            by=by,
            at=at,
            note={
                "customers": shown.chosen if shown else None,
                "worst_case": shown.worst_case if shown else seen.budget_amount,
                "approval_limit": settings.APPROVAL_LIMIT,
            },
            submitted_by=by.user,
            submitted_at=at,
            approved_at=at if alone else None,
            # The numbers are kept for ever, and so must name nobody who may ask to be erased.
            preview=asdict(replace(shown, first=())) if shown else {},
        )
    return campaign


def needs_approval(campaign: Campaign) -> bool:
    """It may cost more than one person may promise. The limit is the shop's own money: nobody says
    what another currency comes to in it."""
    is_ours = campaign.currency == settings.SHOP_CURRENCY
    return not is_ours or campaign.budget_amount > settings.APPROVAL_LIMIT
