from datetime import datetime, timedelta

from customers.models import RefusedRow

KEEP_DAYS = 90
CHUNK = 1000


def forget_refused_rows(*, at: datetime, keep_days: int = KEEP_DAYS) -> int:
    """Remove the examples of imports older than so many days; returns how many. Counts stay.

    They quote a shop's files, which hold personal data. In small deletes: no lock is held for long.
    """
    old = RefusedRow.objects.filter(batch__created_at__lt=at - timedelta(days=keep_days))
    removed = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        removed += RefusedRow.objects.filter(pk__in=ids).delete()[0]
    return removed
