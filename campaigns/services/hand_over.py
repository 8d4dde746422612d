from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.models import Channel, Coupon, Message
from campaigns.selectors.consent import willing
from customers.querysets import current


def hand_over(coupons: QuerySet[Coupon], *, at: datetime) -> int:
    """A file of these coupons was taken: their messages are its taker's to send from now on.

    Not those of who may be sent a coupon no more, whose address the file leaves out. Returns how
    many were handed over; what was before stays as it is.
    """
    theirs = Message.objects.filter(
        channel=Channel.HANDOFF, state=Message.State.WAITING, coupon__in=coupons.order_by()
    )
    agreeing = willing().values("pk")
    with transaction.atomic():
        handed = theirs.alias(who=current("customer")).filter(who__in=agreeing)
        count = _settle(handed, state=Message.State.SENT, sent_at=at)
        _settle(theirs, state=Message.State.SKIPPED, reason=Message.Reason.CONSENT)
    return count


def _settle(messages: QuerySet[Message], **fields: object) -> int:
    chosen = Message.objects.filter(pk__in=messages.values("pk"))
    return chosen.update(attempts=F("attempts") + 1, **fields)
