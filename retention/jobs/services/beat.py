from collections.abc import Iterable
from datetime import datetime

from retention.jobs.models import Heartbeat


def beat(name: str, *, queues: Iterable[str], at: datetime) -> None:
    """A process says that it is alive, and for whom it works."""
    Heartbeat.objects.update_or_create(
        name=name, defaults={"queues": " ".join(sorted(queues)), "beat_at": at}
    )


def fall_silent(name: str) -> None:
    """A process that leaves on purpose is not missed."""
    Heartbeat.objects.filter(name=name).delete()
