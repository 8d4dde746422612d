from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign

from .transition import State, change_state, held

NOT_ENDED = [
    State.DRAFT,
    State.PENDING_APPROVAL,
    State.APPROVED,
    State.RUNNING,
    State.PAUSED,
]


def cancel_campaign(
    campaign_id: int, *, by: Actor, at: datetime, void_coupons: bool = False
) -> Campaign:
    """End a campaign for good. Customers without a coupon get none; nothing more is sent.

    void_coupons : also withdraw the coupons that nobody used yet.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        waiting = campaign.assignments.filter(outcome=Assignment.Outcome.WAITING)
        stopped = waiting.update(outcome=Assignment.Outcome.STOPPED)
        unsent = campaign.messages.all().stop()
        voided = 0
        if void_coupons:
            voided = campaign.coupons.filter(redeemed_count=0, void_at=None).update(void_at=at)
        change_state(
            campaign,
            State.CANCELLED,
            verb="cancel",
            from_=NOT_ENDED,
            by=by,
            at=at,
            note={"left_out": stopped, "unsent": unsent, "coupons_voided": voided},
            ended_at=at,
            **_admits_nobody(campaign, at),
        )
    return campaign


def _admits_nobody(campaign: Campaign, at: datetime) -> dict[str, datetime]:
    """From now on, where it did: its last day counts from whoever came last."""
    last = campaign.admits_until
    return {"admits_until": min(at, last)} if last and campaign.launched_at else {}
