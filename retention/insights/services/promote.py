from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from retention.access.audit import record
from retention.insights import artifacts
from retention.insights.families.churn import another_meaning
from retention.insights.models import Kind, ModelVersion
from retention.insights.turns import take_turn

State = ModelVersion.State


class NotPromotable(Exception):
    """This version cannot be made to serve."""


def promote(
    version: ModelVersion, *, at: datetime, actor: str, verdict: str, user: User | None = None
) -> ModelVersion:
    """Make a version the one of its kind that serves; the one before it is archived.

    Rolling back is promoting an archived version. There is never a moment with none or two.
    Raises NotPromotable for one that serves already, is gone, cannot be read, or means by leaving
    something else than the shop does.
    """
    try:
        artifacts.verify(version.path, version.checksum)
    except artifacts.BrokenArtifact as broken:
        raise NotPromotable(str(broken)) from broken
    with transaction.atomic():
        take_turn(version.kind)
        now = ModelVersion.objects.filter(pk=version.pk).first()
        _refuse_to_promote(version, now)
        serving = ModelVersion.objects.champions().filter(kind=version.kind)
        before = serving.values_list("number", flat=True).first()
        serving.update(state=State.ARCHIVED, archived_at=at)
        said, version.verdict = version.verdict, verdict
        version.state, version.promoted_at, version.archived_at = State.CHAMPION, at, None
        version.save(update_fields=["state", "promoted_at", "archived_at", "verdict"])
        record(
            "promote",
            thing=version,
            actor=actor,
            user=user,
            before={"serving": before, "verdict": said},
            after={"serving": version.number, "verdict": verdict},
            at=at,
        )
    return version


def _refuse_to_promote(version: ModelVersion, now: ModelVersion | None) -> None:
    if now is None:
        raise NotPromotable(f"{version} was removed meanwhile. Train again.")
    if now.state == State.CHAMPION:
        raise NotPromotable(f"{version} serves already.")
    other = another_meaning(version.run.parameters) if version.kind == Kind.CHURN else ""
    if other:
        raise NotPromotable(
            f"{version} answers another question. {other} Train a new model, or first set"
            " “What leaving means” back."
        )


def refuse(version: ModelVersion, *, verdict: str) -> ModelVersion:
    """Keep a candidate from serving, with the reason; an operator may still promote it."""
    version.state, version.verdict = State.REFUSED, verdict
    version.save(update_fields=["state", "verdict"])
    return version
