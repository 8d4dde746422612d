from datetime import datetime, timedelta

from retention.insights.models import SegmentChange, SegmentMembership
from retention.jobs.chunks import delete_in_chunks

KEEP_DAYS = 400
"""A year and a little: this Christmas can be held against the last one."""


def forget_changes(*, at: datetime) -> int:
    """Remove who left a segment longer than KEEP_DAYS ago, and what changed then."""
    old = at - timedelta(days=KEEP_DAYS)
    left = SegmentMembership.objects.filter(left_at__lt=old)
    return delete_in_chunks(left) + delete_in_chunks(SegmentChange.objects.filter(at__lt=old))
