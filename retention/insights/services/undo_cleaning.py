from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from retention.access.audit import record
from retention.insights.models import DataCleaning


class NotInForce(Exception):
    """It was taken back before."""


def undo_cleaning(
    decision: DataCleaning, *, by: str, at: datetime, user: User | None = None
) -> DataCleaning:
    """Take a cleaning back: from the next training on everything counts again as it came.

    Raises NotInForce.
    """
    with transaction.atomic():
        if not decision.undo(by=by, at=at):
            raise NotInForce(f"“{decision}” was taken back already.")
        record(
            "undo cleaning",
            thing=decision,
            actor=by,
            user=user,
            before={"kind": decision.kind, "decided_by": decision.decided_by},
            after={},
            at=at,
        )
    decision.refresh_from_db()
    return decision
