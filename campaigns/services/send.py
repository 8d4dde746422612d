"""Sends what is due, one message at a time, each committed for itself.

A message is taken in one transaction, carried outside of any, and written off in another. Killed
in between, a sender leaves one message of which nobody knows whether it went out: after a while it
is sent again, with the same key. So at most one message a killed sender is repeated.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from campaigns.carrying import Carrier, Clock, NotCarried
from campaigns.models import Campaign, Message
from campaigns.selectors.letter import letter_for
from campaigns.selectors.sending import judge
from customers.models import Customer

from .issue import Progress
from .write_off import TRIES, write_off_failed, write_off_sent

ON_ITS_WAY = timedelta(minutes=5)
"""Who took a message and said nothing for so long is dead: far longer than any carrier waits."""
NEVER_ANSWERED = "Whoever took it ended before they could say whether it went out."
LOOK_AHEAD = 50
State = Message.State
Carriers = Mapping[str, Carrier]


def send_messages(carriers: Carriers, *, now: Clock, progress: Progress) -> int:
    """Send everything that is due of running campaigns by these carriers; returns how many.

    Any number of senders may do this at once. A paused or cancelled campaign, an objection, a
    channel that pauses: each holds from the next message on. What an ended campaign left open
    ends, too.
    """
    left_open, sent = Message.objects.all().of_ended(), 0
    left_open.stop()
    left_open.give_up_on(now(), error=NEVER_ANSWERED)
    for campaign in Campaign.objects.sending_by(carriers):
        last: list[Message] = []
        # The same again means that other senders hold them all.
        while _is_open(campaign, carriers) and (due := _due(campaign, now())) != last:
            last = due
            for message in due:
                sent += _send(message, carriers, now)
                progress(sent, 0, f"{sent:,} messages sent")
    return sent


def _is_open(campaign: Campaign, carriers: Carriers) -> bool:
    return Campaign.objects.sending_by(carriers).filter(pk=campaign.pk).exists()


def _due(campaign: Campaign, at: datetime) -> list[Message]:
    return list(campaign.messages.all().due(at)[:LOOK_AHEAD])


def _send(message: Message, carriers: Carriers, now: Clock) -> bool:
    customer = _take(message, carriers, now())
    if customer is None:
        return False
    try:
        carriers[message.channel].carry(letter_for(message, customer))
    except NotCarried as failure:
        write_off_failed(message, failure, at=now())
        return False
    write_off_sent(message, at=now())
    return True


def _take(message: Message, carriers: Carriers, at: datetime) -> Customer | None:
    """Whom it is for, where this sender is the one to carry it now; every rule is asked here.

    The customer is held first, as whoever erases them or records an objection does: what they
    said before is heard, and two senders cannot pass the same cap.
    """
    with transaction.atomic():
        customer = _held(message)
        still_on = Campaign.objects.sending_by(carriers).filter(pk=message.campaign_id)
        if customer is None or not still_on.exists():
            return None
        verdict = judge(message, customer, at=at)
        if verdict.skip:
            message.settle(State.SKIPPED, reason=verdict.skip)
        elif verdict.wait_until:
            message.settle(State.WAITING, due_at=verdict.wait_until)
        elif message.attempts >= TRIES:
            message.settle(State.FAILED, reason=Message.Reason.UNKNOWN, error=NEVER_ANSWERED)
        else:
            due_again, tries = at + ON_ITS_WAY, message.attempts + 1
            if message.settle(State.SENDING, due_at=due_again, attempts=tries):
                return customer
    return None


def _held(message: Message) -> Customer | None:
    """Who the message is for now; None where they are erased, or another sender holds them."""
    who = Customer.objects.filter(pk=message.customer_id)
    now = who.annotate(now=Coalesce("merged_into", "pk")).values("now")
    held = Customer.objects.select_for_update(skip_locked=True, no_key=True)
    return held.filter(pk=Subquery(now), merged_into=None).first()
