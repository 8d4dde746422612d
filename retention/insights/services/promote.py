from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from retention.access.audit import record
from retention.insights.models import ModelVersion

State = ModelVersion.State


class NotPromotable(Exception):
    """This version cannot be made to serve."""


def promote(
    version: ModelVersion, *, at: datetime, actor: str, verdict: str, user: User | None = None
) -> ModelVersion:
    """Make a version the one of its kind that serves; the one before it is archived.

    Rolling back is promoting an archived version. There is never a moment with none or two.
    """
    if version.state == State.CHAMPION:
        raise NotPromotable(f"{version} serves already.")
    with transaction.atomic():
        before = ModelVersion.objects.select_for_update().filter(
            kind=version.kind, state=State.CHAMPION
        )
        served = before.first()
        before.update(state=State.ARCHIVED, archived_at=at)
        version.state, version.promoted_at, version.archived_at = State.CHAMPION, at, None
        version.verdict = verdict
        version.save(update_fields=["state", "promoted_at", "archived_at", "verdict"])
        record(
            "promote",
            thing=version,
            actor=actor,
            user=user,
            before={"serving": served.number if served else None},
            after={"serving": version.number, "verdict": verdict},
            at=at,
        )
    return version


def refuse(version: ModelVersion, *, verdict: str) -> ModelVersion:
    """Keep a candidate from serving, with the reason; an operator may still promote it."""
    version.state, version.verdict = State.REFUSED, verdict
    version.save(update_fields=["state", "verdict"])
    return version
