"""Questions about work that span rows: is anybody working, and what is late?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .models import Heartbeat, JobRun, Schedule
from .registry import QUEUES

SILENT = timedelta(seconds=60)
"""Workers say every few seconds that they live; after this long they do not."""
LATE = timedelta(minutes=10)
"""A due run that waits for longer, in a queue where nothing runs, waits for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHealth:
    """One queue: who serves it, what waits."""

    name: str
    workers: int
    running: int
    waiting: int
    waits_seconds: float | None
    """How long its oldest due run has waited; None where none waits."""

    @property
    def problem(self) -> str:
        if not self.workers:
            return f"No worker serves the queue {self.name!r}."
        waited = timedelta(seconds=self.waits_seconds or 0)
        if waited > LATE and not self.running:
            minutes = waited.total_seconds() / 60
            return f"A job has waited in the queue {self.name!r} for {minutes:.0f} minutes."
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHealth:
    """What runs by itself, at a moment."""

    queues: list[QueueHealth]
    late_schedules: list[str]

    @property
    def problems(self) -> list[str]:
        late = [f"Nobody asked for {name!r} when it was due." for name in self.late_schedules]
        return [queue.problem for queue in self.queues if queue.problem] + late


def work_health(*, at: datetime) -> WorkHealth:
    """Three queries, whatever the number of jobs that are over."""
    alive = Heartbeat.objects.filter(beat_at__gte=at - SILENT)
    served = [
        queue for queues in alive.values_list("queues", flat=True) for queue in queues.split()
    ]
    undone = list(
        JobRun.objects.undone().values_list("queue", "state", "due_at", "lease_until")[:10_000]
    )
    late = Schedule.objects.filter(enabled=True, next_run_at__lt=at - LATE).order_by("name")
    return WorkHealth(
        queues=[_queue(name, served.count(name), undone, at=at) for name in QUEUES],
        late_schedules=list(late.values_list("name", flat=True)),
    )


Undone = tuple[str, str, datetime, datetime | None]


def _queue(name: str, workers: int, undone: list[Undone], *, at: datetime) -> QueueHealth:
    mine = [row for row in undone if row[0] == name]
    running = [row for row in mine if row[3] is not None and row[3] >= at]
    # A run whose lease ran out waits for its next worker, since then.
    since = [due if lease is None else lease for _, _, due, lease in mine if (lease or due) < at]
    return QueueHealth(
        name=name,
        workers=workers,
        running=len(running),
        waiting=len(since),
        waits_seconds=(at - min(since)).total_seconds() if since else None,
    )
