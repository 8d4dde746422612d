from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.models import Channel, Coupon, Message
from campaigns.selectors.consent import willing
from customers.querysets import current

AT_ONCE = 2000
"""Ids in one statement."""
State, Reason = Message.State, Message.Reason


def hand_over(coupons: QuerySet[Coupon], handed: Sequence[int], *, at: datetime) -> int:
    """A file of these coupons was taken: their messages are its taker's to send from now on.

    handed : ids of those whose addresses it had. Of the others in running campaigns, who objected
    or whose coupon is worth nothing any more is skipped. Returns how many were handed over; what
    was before stays as it is.
    """
    waiting = Message.objects.filter(channel=Channel.HANDOFF, state=State.WAITING)
    with transaction.atomic():
        count = sum(
            _settle(
                waiting.filter(coupon__in=handed[first : first + AT_ONCE]),
                state=State.SENT,
                sent_at=at,
            )
            for first in range(0, len(handed), AT_ONCE)
        )
        left = waiting.filter(coupon__in=coupons.order_by(), campaign__state="RUNNING")
        unwilling = left.alias(who=current("customer")).exclude(who__in=willing().values("pk"))
        _settle(unwilling, state=State.SKIPPED, reason=Reason.CONSENT)
        worthless = left.exclude(coupon__in=Coupon.objects.live(at))
        _settle(worthless, state=State.SKIPPED, reason=Reason.COUPON)
    return count


def _settle(messages: QuerySet[Message], **fields: object) -> int:
    chosen = Message.objects.filter(pk__in=messages.values("pk"))
    return chosen.update(attempts=F("attempts") + 1, **fields)
