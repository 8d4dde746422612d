from datetime import datetime, timedelta

from retention.access.models import IdempotentAnswer

KEEP_DAYS = 7
CHUNK = 1000


def forget_answers(*, at: datetime, keep_days: int = KEEP_DAYS) -> int:
    """Remove the answers of Idempotency-Keys that are older than so many days; returns how many.

    In small deletes, so that no lock is held for long. From then on such a key is a new one.
    """
    old = IdempotentAnswer.objects.filter(created_at__lt=at - timedelta(days=keep_days))
    removed = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        removed += IdempotentAnswer.objects.filter(pk__in=ids).delete()[0]
    return removed
