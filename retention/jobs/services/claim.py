import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from retention.jobs.models import JobRun
from retention.jobs.registry import all_jobs

LOOK_AHEAD = 10
"""Runs looked at together, so that workers that race for the oldest one find the next at once."""


def claim(run_id: int, *, by: str, at: datetime, lease: timedelta) -> JobRun | None:
    """Take this run for one worker; None where it is not due, not known or another's."""
    run = JobRun.objects.due(at).filter(pk=run_id).first()
    return _take(run, by=by, at=at, lease=lease) if run else None


def claim_next(
    queues: Collection[str], *, by: str, at: datetime, lease: timedelta
) -> JobRun | None:
    """Take the run of these queues that has waited longest."""
    for run in JobRun.objects.due(at).on(queues).order_by("due_at", "pk")[:LOOK_AHEAD]:
        if taken := _take(run, by=by, at=at, lease=lease):
            return taken
    return None


def _take(run: JobRun, *, by: str, at: datetime, lease: timedelta) -> JobRun | None:
    job = all_jobs().get(run.job)
    # A job this version does not know is left to the version that does. A run that used up its
    # starts, or that an operator stopped, is left to the sweep, which ends it.
    if job is None or run.attempts >= job.starts or run.cancel_asked:
        return None
    # A name no claim had before, so that an old holder can never take its successor's lease for
    # its own.
    name = f"{by[:100]}/{uuid.uuid4().hex[:12]}"
    if not run.claim(name, at=at, lease=lease):
        return None
    run.refresh_from_db()
    # Between the claim and the reading someone may have stopped or taken it again.
    return run if run.worker == name else None
