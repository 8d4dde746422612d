"""How far a campaign's messages are: sent, waiting, and why the others were not sent."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from campaigns.models import Campaign, Message, Outlet

State = Message.State


@dataclass(frozen=True)
class Messages:
    """Counts by state. not_sent : reason in words and how many; the most first.

    next_at : when the first of the waiting may go out. outlet : the channel's, where it pauses.
    """

    total: int
    sent: int
    waiting: int
    not_sent: tuple[tuple[str, int], ...]
    next_at: datetime | None
    outlet: Outlet | None


def messages_of(campaign: Campaign, channel: str) -> Messages:
    """3 queries."""
    rows = campaign.messages.values_list("state", "reason").annotate(n=Count("pk"))
    counted = {(state, reason): count for state, reason, count in rows}
    by_state = {
        wanted: sum(count for (state, _), count in counted.items() if state == wanted)
        for wanted in State
    }
    reasons = sorted(
        ((reason, count) for (_, reason), count in counted.items() if reason),
        key=lambda pair: -pair[1],
    )
    waiting = campaign.messages.filter(state=State.WAITING)
    return Messages(
        total=sum(counted.values()),
        sent=by_state[State.SENT],
        waiting=by_state[State.WAITING] + by_state[State.SENDING],
        not_sent=tuple((Message.Reason(reason).label, count) for reason, count in reasons),
        next_at=waiting.aggregate(first=Min("due_at"))["first"],
        outlet=Outlet.objects.exclude(paused_at=None).filter(channel=channel).first(),
    )
