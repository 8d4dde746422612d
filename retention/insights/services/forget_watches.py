from datetime import datetime, timedelta

from retention.insights.models import ModelWatch
from retention.jobs.chunks import delete_in_chunks

KEEP_DAYS = 400
"""A year and a little: this Christmas can be held against the last one."""


def forget_watches(*, at: datetime) -> int:
    """Remove what was seen of models longer than KEEP_DAYS ago."""
    return delete_in_chunks(
        ModelWatch.objects.filter(watched_at__lt=at - timedelta(days=KEEP_DAYS))
    )
