from datetime import datetime

from django.db.models import F

from retention.jobs.models import JobRun
from retention.jobs.querysets import JobRunQuerySet


def give_back(held: JobRunQuerySet, *, at: datetime) -> int:
    """Let other workers start these running runs at once; returns how many.

    The start does not count: it ended for the worker's reasons, not the job's.
    """
    return held.filter(state=JobRun.State.RUNNING, attempts__gte=1).update(
        state=JobRun.State.QUEUED, due_at=at, lease_until=None, attempts=F("attempts") - 1
    )
