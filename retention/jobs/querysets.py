from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from .models import JobRun  # noqa: F401 - named in the types below


class JobRunQuerySet(QuerySet["JobRun"]):
    def due(self, at: datetime) -> "JobRunQuerySet":
        """What a worker may take: waiting and due, or running under a lease that ran out."""
        return self.filter(
            Q(state="QUEUED", due_at__lte=at) | Q(state="RUNNING", lease_until__lt=at)
        )

    def undone(self) -> "JobRunQuerySet":
        return self.filter(state__in=["QUEUED", "RUNNING"])

    def over(self) -> "JobRunQuerySet":
        return self.filter(state__in=["DONE", "FAILED", "CANCELLED"])

    def on(self, queues: Collection[str]) -> "JobRunQuerySet":
        return self.filter(queue__in=queues)

    def held_by(self, claim: str) -> "JobRunQuerySet":
        """The run as long as it is this claim's: a claim is made once and never reused."""
        return self.filter(state="RUNNING", worker=claim)

    def held_under(self, name: str) -> "JobRunQuerySet":
        """All that one worker process and its children hold."""
        return self.filter(state="RUNNING", worker__startswith=f"{name}/")

    def requeue(self, *, at: datetime, due_at: datetime, **fields: Any) -> int:
        """Let running ones start again, and end those an operator stopped; returns how many.

        In this order: one that is stopped between the two statements waits, and ends as such.
        """
        again = self.filter(cancel_asked=False).update(
            state="QUEUED", due_at=due_at, lease_until=None, **fields
        )
        stopped = self.filter(cancel_asked=True)
        return again + stopped.update(state="CANCELLED", finished_at=at, lease_until=None)

    def settle(self, state: str, *, at: datetime, **fields: Any) -> bool:
        """End the run. False where it was not there to be ended: someone else has it."""
        return bool(self.update(state=state, finished_at=at, lease_until=None, **fields))
