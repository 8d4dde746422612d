from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

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

    void_coupons : also withdraw the coupons that have a use left; what these could still have cost
    is no longer promised.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        waiting = campaign.assignments.filter(outcome=Assignment.Outcome.WAITING)
        stopped = waiting.update(outcome=Assignment.Outcome.STOPPED)
        unsent = campaign.messages.all().stop()
        voided = _withdraw(campaign, at) if void_coupons else 0
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


def _withdraw(campaign: Campaign, at: datetime) -> int:
    """Returns how many coupons. A use that was spent stays promised: it was."""
    unused = F("maximum_redemptions") - F("redeemed_count")
    withdrawn = campaign.coupons.filter(void_at=None, redeemed_count__lt=F("maximum_redemptions"))
    # Held, so that no till spends one between the sum and the withdrawal.
    held_ones = list(withdrawn.select_for_update().order_by("pk").values_list("pk", flat=True))
    left = withdrawn.aggregate(sum=Sum(F("worst_case") * unused))["sum"] or 0
    campaign.uncommit_money(left)
    withdrawn.update(void_at=at)
    return len(held_ones)


def _admits_nobody(campaign: Campaign, at: datetime) -> dict[str, datetime]:
    """From now on, where it did: its last day counts from whoever came last."""
    last = campaign.admits_until
    return {"admits_until": min(at, last)} if last and campaign.launched_at else {}
