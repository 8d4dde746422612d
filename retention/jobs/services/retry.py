from datetime import datetime

from django.db import transaction

from retention.jobs import hints
from retention.jobs.models import JobRun


class NotRetriable(Exception):
    """The run waits, runs, or is done."""


def retry(run: JobRun, *, at: datetime, asked_by: str) -> None:
    """Have a failed or cancelled run start again, now and for now, with all its starts.

    Raises NotRetriable.
    """
    ended = JobRun.objects.filter(
        pk=run.pk, state__in=[JobRun.State.FAILED, JobRun.State.CANCELLED]
    )
    changed = ended.update(
        state=JobRun.State.QUEUED,
        asked_by=asked_by,
        scheduled_for=at,
        due_at=at,
        started_at=None,
        finished_at=None,
        attempts=0,
        done=0,
        total=0,
        message="",
        error="",
        cancel_asked=False,
    )
    run.refresh_from_db()
    if not changed:
        raise NotRetriable(
            f"Job {run} is {run.get_state_display().lower()}: only what failed or was cancelled "
            "can be tried again."
        )
    transaction.on_commit(lambda: hints.send(run.pk, queue=run.queue), robust=True)
