from datetime import datetime, timedelta

from retention.insights.models import Shown

KEEP_DAYS = 400
"""A year and a little: this Christmas can be held against the last one."""
CHUNK = 1_000


def forget_shown(*, at: datetime) -> int:
    """Remove what was seen in lists longer than KEEP_DAYS ago; returns how many rows.

    In small deletes, so that no lock is held for long.
    """
    old = Shown.objects.filter(seen_at__lt=at - timedelta(days=KEEP_DAYS))
    removed = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        removed += Shown.objects.filter(pk__in=ids).delete()[0]
    return removed
