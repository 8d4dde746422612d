from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from campaigns.carrying import NotCarried
from campaigns.models import Campaign, Message, Outlet

TRIES = 6
FIRST_PAUSE = timedelta(minutes=1)
"""After a failure; each further one waits four times as long: 1, 4, 16, 64 minutes, 4 hours."""
FAILURES_IN_A_ROW = 20
"""With so many a channel pauses: something is wrong with it, and not with a message."""


def write_off_sent(message: Message, *, at: datetime) -> None:
    """It went out. The channel works."""
    with transaction.atomic():
        message.settle(Message.State.SENT, sent_at=at, due_at=at, error="")
        Outlet.objects.filter(channel=message.channel).exclude(failures=0).update(
            failures=0, last_error=""
        )


def write_off_failed(message: Message, failure: NotCarried, *, at: datetime) -> None:
    """It did not: later again, or never, as where its campaign ended. Too many in a row, and the
    channel pauses."""
    why = str(failure)[:300]
    with transaction.atomic():
        if failure.for_ever:
            message.settle(Message.State.FAILED, reason=Message.Reason.REFUSED, error=why)
        elif Campaign.objects.filter(pk=message.campaign_id).ended().exists():
            message.settle(Message.State.SKIPPED, reason=Message.Reason.STOPPED, error=why)
        elif message.attempts >= TRIES:
            message.settle(Message.State.FAILED, reason=Message.Reason.GAVE_UP, error=why)
        else:
            pause = FIRST_PAUSE * 4 ** (message.attempts - 1)
            message.settle(Message.State.WAITING, due_at=at + pause, error=why)
        # Also of what is refused for ever: a server that takes nothing from us must not use up
        # a whole campaign.
        _count_failure(message.channel, why, at=at)


def _count_failure(channel: str, why: str, *, at: datetime) -> None:
    Outlet.objects.get_or_create(channel=channel)
    outlet = Outlet.objects.filter(channel=channel)
    outlet.update(failures=F("failures") + 1, last_error=why)
    outlet.filter(failures__gte=FAILURES_IN_A_ROW, paused_at=None).update(paused_at=at)
