from datetime import datetime, timedelta

from retention.jobs.models import Heartbeat, JobRun

CHUNK = 1000


def clean(*, at: datetime, keep_days: int = 90) -> int:
    """Remove runs that ended more than so many days ago; returns how many.

    In small deletes, so that no lock is held for long. Processes silent for a day are forgotten.
    """
    Heartbeat.objects.filter(beat_at__lt=at - timedelta(days=1)).delete()
    removed = 0
    while ids := _oldest(before=at - timedelta(days=keep_days)):
        removed += JobRun.objects.filter(pk__in=ids).delete()[0]
    return removed


def _oldest(*, before: datetime) -> list[int]:
    old = JobRun.objects.over().filter(finished_at__lt=before).order_by("pk")
    return list(old.values_list("pk", flat=True)[:CHUNK])
