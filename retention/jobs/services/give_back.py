from datetime import datetime

from django.db.models import F

from retention.jobs.models import JobRun
from retention.jobs.querysets import JobRunQuerySet


def give_back(held: JobRunQuerySet, *, at: datetime) -> int:
    """Let other workers start these running runs at once; returns how many.

    Those an operator stopped end. The start of the others does not count: it ended for the
    worker's reasons, not the job's.
    """
    running = held.filter(state=JobRun.State.RUNNING, attempts__gte=1)
    return running.requeue(at=at, due_at=at, attempts=F("attempts") - 1)
