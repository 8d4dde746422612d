from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign

from .transition import State, change_state, held


def resume_campaign(campaign_id: int, *, by: Actor, at: datetime) -> Campaign:
    """Go on issuing where it stopped, or letting a code for all be used. The caller asks for the
    work."""
    with transaction.atomic():
        campaign = held(campaign_id)
        change_state(campaign, State.RUNNING, verb="resume", from_=[State.PAUSED], by=by, at=at)
    return campaign
