from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from retention.access.audit import record
from retention.insights.models import DataCleaning
from retention.insights.quality.effect import Effect, Proposal, effect_of


class DecidedAlready(Exception):
    """The same is in force."""


def decide_cleaning(
    proposal: Proposal,
    *,
    reason: str = "",
    note: str = "",
    by: str,
    at: datetime,
    user: User | None = None,
) -> DataCleaning:
    """Leave something out of learning from now on, or say that what was found is right as it is.

    What it concerns at this moment is kept with it. Raises DecidedAlready.
    """
    decision = _decision(proposal, effect_of(proposal))
    decision.reason, decision.note = reason, note
    decision.decided_by, decision.decided_at = by, at
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
            record(
                "clean data",
                thing=decision,
                actor=by,
                user=user,
                before={},
                after=_said(decision),
                at=at,
            )
    except IntegrityError as twice:
        raise DecidedAlready(f"“{decision}” is in force already. Take it back first.") from twice
    return decision


def _decision(proposal: Proposal, effect: Effect) -> DataCleaning:
    return DataCleaning(
        kind=proposal.kind,
        customer=proposal.customer,
        product=proposal.product,
        finding=proposal.finding,
        cap=proposal.cap,
        customers=effect.customers,
        events=effect.events,
        lines=effect.lines,
        revenue_share=effect.revenue_share,
        found=effect.found,
    )


def _said(decision: DataCleaning) -> dict[str, object]:
    """As the log keeps it: a person by their row, so that erasing them takes the name."""
    said = {
        "kind": decision.kind,
        "finding": decision.finding,
        "customer": decision.customer_id,
        "product": str(decision.product) if decision.product else None,
        "cap": decision.cap,
        "reason": decision.reason,
    }
    return {name: value for name, value in said.items() if value}
