from datetime import datetime, timedelta

from retention.jobs.chunks import delete_in_chunks
from retention.jobs.models import Heartbeat, JobRun


def clean(*, at: datetime, keep_days: int = 90) -> int:
    """Remove runs that ended more than so many days ago; returns how many.

    Processes silent for a day are forgotten.
    """
    Heartbeat.objects.filter(beat_at__lt=at - timedelta(days=1)).delete()
    over = JobRun.objects.over()
    return delete_in_chunks(over.filter(finished_at__lt=at - timedelta(days=keep_days)))
