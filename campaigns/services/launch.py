from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, LaunchChunk
from campaigns.selectors.audience import Audience, select_audience
from campaigns.selectors.candidates import Ranked
from retention.insights.models import ChurnScore
from retention.learning.panel import IntArray

from .hold_out import enter_holdout
from .issue import CHUNK
from .transition import State, WrongState, change_state, held

Progress = Callable[[int, int, str], None]
Arm, Outcome = Assignment.Arm, Assignment.Outcome


class NobodyToTreat(Exception):
    """After every exclusion one of the two groups is empty."""


def launch_campaign(campaign_id: int, *, by: Actor, at: datetime, progress: Progress) -> Campaign:
    """Freeze the audience: who is in which arm, with what probability, and why. All or nothing.

    The coupons are issued afterwards, chunk by chunk. Raises WrongState, NobodyToTreat.
    """
    with transaction.atomic():
        campaign = held(campaign_id)
        refuse_unlaunchable(campaign)
        audience = select_audience(campaign, at=at)
        treated = int(audience.treated.sum())
        refuse_empty(campaign, treated=treated, control=len(audience.chosen) - treated)
        _hold_out(audience.candidates, at)
        _freeze(campaign, audience, at, progress)
        change_state(
            campaign,
            State.RUNNING,
            verb="launch",
            from_=[State.APPROVED],
            by=by,
            at=at,
            note={
                "treated": treated,
                "control": len(audience.chosen) - treated,
                "worst_case": int(audience.worst_cases.sum()),
                "left_out": {out.reason: out.count for out in audience.exclusions},
            },
            launched_at=at,
        )
    return campaign


def _hold_out(everyone: Ranked, at: datetime) -> None:
    enter_holdout(list(zip(everyone.customer.tolist(), everyone.key, strict=True)), at=at)


def refuse_unlaunchable(campaign: Campaign) -> None:
    """Raises WrongState, as launching would."""
    if campaign.state != State.APPROVED:
        raise WrongState(
            f"{campaign.name!r} is {State(campaign.state).label.lower()}."
            " To launch a campaign, it must be approved."
        )


def refuse_empty(campaign: Campaign, *, treated: int, control: int) -> None:
    """Raises NobodyToTreat."""
    if not treated or not control:
        raise NobodyToTreat(
            f"{campaign.name!r} would treat {treated} customers and compare them with {control}."
            " Choose a larger band or segment, a larger budget or another control share;"
            " the preview says who is left out, and why."
        )


def _freeze(campaign: Campaign, audience: Audience, at: datetime, progress: Progress) -> None:
    """Assignments and chunks, CHUNK customers at a time, best first."""
    total = len(audience.chosen)
    for number, start in enumerate(range(0, total, CHUNK)):
        rows = range(start, min(start + CHUNK, total))
        Assignment.objects.bulk_create(_assignments(campaign, audience, rows, number, at))
        LaunchChunk.objects.create(campaign=campaign, number=number)
        progress(rows.stop, total, f"{rows.stop:,} customers assigned")


def _assignments(
    campaign: Campaign, audience: Audience, rows: range, chunk: int, at: datetime
) -> Iterable[Assignment]:
    scores = _scores(audience.chosen.customer[rows.start : rows.stop])
    for row in rows:
        customer, offer = int(audience.chosen.customer[row]), int(audience.offer[row])
        score = scores.get(customer)
        yield Assignment(
            campaign=campaign,
            customer_id=customer,
            arm=Arm.TREATMENT if offer >= 0 else Arm.CONTROL,
            offer=audience.offers[offer] if offer >= 0 else None,
            outcome=Outcome.WAITING if offer >= 0 else Outcome.CONTROL,
            probability=float(audience.probability[row]),
            rank=row + 1,
            chunk=chunk,
            priority=float(audience.chosen.gain[row]),
            churn_probability=score.churn_probability if score else None,
            predicted_clv=score.predicted_clv if score else None,
            reasons=score.reasons if score else [],
            model_version=str(score.version) if score else "",
            assigned_at=at,
        )


def _scores(customers: IntArray) -> dict[int, ChurnScore]:
    scores = ChurnScore.objects.filter(customer__in=customers.tolist()).select_related("version")
    return {score.customer_id: score for score in scores}
