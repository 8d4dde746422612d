from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign

from .transition import State, change_state, held


def reopen_campaign(campaign_id: int, *, by: Actor, at: datetime, reason: str = "") -> Campaign:
    """Back to a draft, to be edited, sent in and approved anew. Raises WrongState."""
    with transaction.atomic():
        campaign = held(campaign_id)
        change_state(
            campaign,
            State.DRAFT,
            verb="reopen",
            from_=[State.PENDING_APPROVAL, State.APPROVED],
            by=by,
            at=at,
            note={"reason": reason},
            submitted_by=None,
            submitted_at=None,
            approved_by=None,
            approved_at=None,
        )
    return campaign
