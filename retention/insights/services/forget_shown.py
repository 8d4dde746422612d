from datetime import datetime, timedelta

from retention.insights.models import Shown
from retention.jobs.chunks import delete_in_chunks

KEEP_DAYS = 400
"""A year and a little: this Christmas can be held against the last one."""


def forget_shown(*, at: datetime) -> int:
    """Remove what was seen in lists longer than KEEP_DAYS ago; returns how many rows."""
    old = Shown.objects.filter(seen_at__lt=at - timedelta(days=KEEP_DAYS))
    return delete_in_chunks(old)
