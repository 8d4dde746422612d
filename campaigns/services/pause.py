from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign

from .transition import State, change_state, held


def pause_campaign(campaign_id: int, *, by: Actor, at: datetime) -> Campaign:
    """Issue no more coupons after the chunk in flight. Those that are out stay good; a code for all
    is refused until it goes on, except for an order that keeps a use."""
    with transaction.atomic():
        campaign = held(campaign_id)
        change_state(campaign, State.PAUSED, verb="pause", from_=[State.RUNNING], by=by, at=at)
    return campaign
