"""When another version serves, what the one before it computed is computed again."""

from datetime import datetime
from typing import Final

from retention.insights.models import Kind, Segment
from retention.jobs.models import JobRun
from retention.jobs.services.ask import ask

WRITES: Final = {
    Kind.CHURN: "insights.score",
    Kind.VALUE: "insights.score",
    Kind.UPLIFT: "insights.score",
    Kind.RFM: "insights.score",
    Kind.CLUSTERS: "insights.score",
    Kind.FACTORIZATION: "insights.recommend",
    Kind.BASKETS: "insights.associate",
}
"""The job that writes the rows of each kind of model; expected ratings are told when asked."""


def ask_for_training(kind: str, *, at: datetime, asked_by: str, key: str | None = None) -> JobRun:
    """Have a model trained, and its rows written where it serves then."""
    wanted = {"kind": kind, "write_rows": True}
    return ask("insights.train", at=at, arguments=wanted, asked_by=asked_by, key=key)


def ask_for_rows(kind: str, *, at: datetime, asked_by: str) -> JobRun | None:
    """Have the rows of a kind written again, if the caller's transaction commits; None without."""
    job = WRITES.get(Kind(kind))
    return ask(job, at=at, asked_by=asked_by) if job else None


def ask_for_members(segment: Segment, *, at: datetime, asked_by: str) -> JobRun:
    """Have the customers of a rule found again, if the caller's transaction commits."""
    return ask("insights.segment", at=at, arguments={"segment_id": segment.pk}, asked_by=asked_by)


def ask_who_joins(segment: Segment, *, days: int, at: datetime, asked_by: str) -> JobRun:
    """Have it learned who comes into a segment, if the caller's transaction commits."""
    about = {"segment_id": segment.pk, "days": days}
    return ask("insights.who_joins", at=at, arguments=about, asked_by=asked_by)
