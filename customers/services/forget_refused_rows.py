from datetime import datetime, timedelta

from customers.models import RefusedRow
from retention.jobs.chunks import delete_in_chunks

KEEP_DAYS = 90


def forget_refused_rows(*, at: datetime, keep_days: int = KEEP_DAYS) -> int:
    """Remove the examples of imports older than so many days; returns how many. Counts stay.

    They quote a shop's files, which hold personal data.
    """
    old = RefusedRow.objects.filter(batch__created_at__lt=at - timedelta(days=keep_days))
    return delete_in_chunks(old)
