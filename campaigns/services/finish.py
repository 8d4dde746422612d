from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign

from .measure import measure_campaign
from .transition import State, WrongState, change_state, held


def finish_campaign(campaign_id: int, *, by: Actor, at: datetime) -> Campaign:
    """Complete a campaign whose last day has passed, with its final measurement.

    Raises WrongState before that day.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        last = campaign.measures_until
        if last is None or at < last:
            raise WrongState(
                f"{campaign.name!r} measures for {campaign.days} days from its launch;"
                " they have not passed."
            )
        measure_campaign(campaign_id, at=at)
        waiting = campaign.assignments.filter(outcome=Assignment.Outcome.WAITING)
        left_out = waiting.update(outcome=Assignment.Outcome.STOPPED)
        campaign.messages.all().stop()
        change_state(
            campaign,
            State.COMPLETED,
            verb="complete",
            from_=[State.RUNNING, State.PAUSED],
            by=by,
            at=at,
            note={"left_out": left_out},
            ended_at=at,
        )
    return campaign
