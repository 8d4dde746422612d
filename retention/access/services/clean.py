from datetime import datetime, timedelta

from retention.access.models import IdempotentAnswer
from retention.jobs.chunks import delete_in_chunks

KEEP_DAYS = 7


def forget_answers(*, at: datetime, keep_days: int = KEEP_DAYS) -> int:
    """Remove the answers of Idempotency-Keys that are older than so many days; returns how many.

    From then on such a key is a new one.
    """
    old = IdempotentAnswer.objects.filter(created_at__lt=at - timedelta(days=keep_days))
    return delete_in_chunks(old)
