"""A run in a worker's hands: what a job sees of the machinery that runs it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.transaction import TransactionManagementError

from .models import JobRun


class Stopped(Exception):
    """The run has to end here; raised out of `progress`, for the machinery to catch."""


class LeaseLost(Stopped):
    """Another worker took this run, because this one was silent for longer than its lease."""


class Cancelled(Stopped):
    """An operator asked for this run to end."""


class Overran(Stopped):
    """The run took longer than its job's limit."""


class ShuttingDown(Stopped):
    """The worker is going away; the run waits for the next one, and no start is counted."""


class Refused(Exception):
    """Words for the operator. The work cannot succeed, so it is not tried again."""


class Running:
    """One start of one run.

    `progress` only notes the numbers: a heartbeat in a thread of its own writes them, so that the
    job's own transactions stay its own.
    """

    def __init__(
        self, *, run_id: int = 0, at: datetime, asked_by: str = "", claim: str = ""
    ) -> None:
        self.run_id = run_id
        self.at = at
        self.asked_by = asked_by
        self.claim = claim
        self.noted: tuple[int, int, str] = (0, 0, "")
        self.stop: Stopped | None = None
        self.completed: dict[str, Any] | None = None

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Raises LeaseLost, Cancelled or ShuttingDown where the run has to end."""
        self.noted = (done, total, message)
        if self.stop is not None:
            raise self.stop

    def hold(self) -> None:
        """Inside a transaction: nothing else can take this run before the transaction ends.

        Raises LeaseLost. What is written in the same transaction is written by the run's one
        holder or not at all.
        """
        _must_be_in_a_transaction()
        # An update to the same value is a lock on the row, on every database.
        held = JobRun.objects.filter(pk=self.run_id).held_by(self.claim).update(worker=self.claim)
        if not held:
            raise LeaseLost(f"Run {self.run_id} is another worker's now.")

    def complete(self, result: dict[str, Any], *, at: datetime) -> None:
        """Inside a transaction: the run is done if, and only if, the transaction's effect is there.

        Raises LeaseLost. For effects that a second start could not recognise as its own.
        """
        _must_be_in_a_transaction()
        done, total, _ = self.noted
        settled = (
            JobRun.objects.filter(pk=self.run_id)
            .held_by(self.claim)
            .settle(JobRun.State.DONE, at=at, result=result, done=done, total=total)
        )
        if not settled:
            raise LeaseLost(f"Run {self.run_id} is another worker's now.")
        self.completed = result


def _must_be_in_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("Hold or complete a run inside transaction.atomic().")
