"""Whether a message may go out now: every rule, asked again at the moment it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from campaigns.clocks import zone_of
from campaigns.message_querysets import MessageQuerySet
from campaigns.models import Channel, Coupon, Message
from campaigns.quiet_hours import QuietHours
from customers.models import Customer, CustomerContact

from .consent import contactable

Reason = Message.Reason


@dataclass(frozen=True)
class Verdict:
    """Skip it for a reason, leave it until a moment, or, with neither, send it."""

    skip: Reason | None = None
    wait_until: datetime | None = None


def judge(message: Message, customer: Customer, *, at: datetime) -> Verdict:
    """customer : who is meant now, held by the caller, so that what is read here stays true."""
    reason = _reason_not_to(message, customer, at)
    if reason:
        return Verdict(skip=reason)
    quiet = QuietHours(settings.QUIET_FROM, settings.QUIET_UNTIL)
    over = quiet.over_at(at, zone=zone_of(customer.timezone))
    return Verdict(wait_until=over if over > at else None)


def _reason_not_to(message: Message, customer: Customer, at: datetime) -> Reason | None:
    """The first rule against it."""
    others = Message.objects.of_person(customer).exclude(pk=message.pk)
    return next((reason for reason, is_so in RULES if is_so(message, customer, others, at)), None)


def _objects(message: Message, customer: Customer, others: MessageQuerySet, at: datetime) -> bool:
    return not contactable([customer.pk])


def _worthless(message: Message, customer: Customer, others: MessageQuerySet, at: datetime) -> bool:
    return not Coupon.objects.live(at).filter(pk=message.coupon_id).exists()


def _doubled(message: Message, customer: Customer, others: MessageQuerySet, at: datetime) -> bool:
    same = others.filter(campaign=message.campaign_id, step=message.step)
    return same.out().exists()


def _too_many(message: Message, customer: Customer, others: MessageQuerySet, at: datetime) -> bool:
    most, days = settings.MESSAGE_CAP, settings.MESSAGE_CAP_DAYS
    return bool(most) and others.out_within(days, at=at).count() >= int(most)


def _unreachable(
    message: Message, customer: Customer, others: MessageQuerySet, at: datetime
) -> bool:
    reached = CustomerContact.objects.filter(customer=customer).exclude(email="")
    return message.channel == Channel.EMAIL and not reached.exists()


RULES: tuple[tuple[Reason, Callable[[Message, Customer, MessageQuerySet, datetime], bool]], ...] = (
    (Reason.CONSENT, _objects),
    (Reason.COUPON, _worthless),
    (Reason.DOUBLED, _doubled),
    (Reason.CAP, _too_many),
    (Reason.ADDRESS, _unreachable),
)
"""In the order in which they are asked."""
