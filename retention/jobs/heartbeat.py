"""The life sign of a run: a thread that renews the lease, writes the progress, hears the operator.

It has a database connection of its own, so that it neither sees nor holds the job's transactions.
A job's transaction on SQLite must be shorter than the lease: until it ends nobody else can write.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from .models import JobRun
from .running import Cancelled, LeaseLost, Overran, Running, ShuttingDown

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


class Pulse(threading.Thread):
    """Beats while a run is in hand: `with Pulse(...): work()`."""

    def __init__(
        self,
        running: Running,
        *,
        lease: timedelta,
        limit: timedelta,
        now: Clock,
        must_stop: Callable[[], bool] = lambda: False,
        on_hang: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name=f"pulse of run {running.run_id}", daemon=True)
        self.running = running
        self.lease = lease.total_seconds()
        self.limit = limit.total_seconds()
        self.now = now
        self.must_stop = must_stop
        self.on_hang = on_hang
        self.over = threading.Event()
        self.began = self.renewed = time.monotonic()
        self.written = running.noted

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()

    def run(self) -> None:
        # Progress is written each second; a lease of any length is renewed four times before it
        # can run out.
        pause = min(1.0, self.lease / 4)
        try:
            while not self.over.wait(pause) and not isinstance(self.running.stop, LeaseLost):
                self.beat()
        finally:
            connection.close()

    def beat(self) -> None:
        try:
            if not self._said_so():
                self.running.stop = LeaseLost(f"Run {self.running.run_id} is another worker's now.")
            if self.must_stop() and self.running.stop is None:
                self.running.stop = ShuttingDown("The worker is going away.")
            self._watch_the_limit()
        except DatabaseError as error:
            log.warning("No life sign of run %s: %s", self.running.run_id, error)
            connection.close()
            if time.monotonic() - self.renewed > self.lease:
                self.running.stop = LeaseLost(
                    f"Run {self.running.run_id} could not renew its lease: {error}"
                )

    def _said_so(self) -> bool:
        """Whether the run is still ours."""
        mine = JobRun.objects.filter(pk=self.running.run_id).held_by(self.running.claim)
        cancelled = mine.values_list("cancel_asked", flat=True).first()
        if cancelled is None:
            return self.running.completed is not None
        if cancelled and self.running.stop is None:
            self.running.stop = Cancelled("An operator stopped this job.")
        moment = time.monotonic()
        noted = self.running.noted
        if noted == self.written and moment - self.renewed < self.lease / 4:
            return True
        done, total, message = noted
        renewed = mine.update(
            done=done,
            total=total,
            message=message[:300],
            lease_until=self.now() + timedelta(seconds=self.lease),
        )
        # From before the statement: it may have waited for the database.
        self.renewed, self.written = moment, noted
        return bool(renewed) or self.running.completed is not None

    def _watch_the_limit(self) -> None:
        over = time.monotonic() - self.began - self.limit
        if over > 0 and self.running.stop is None:
            self.running.stop = Overran(self._too_long())
        if over > self.limit / 10 and self.on_hang is not None:
            # It does not even report any more. Whoever waits for it would wait for ever.
            JobRun.objects.filter(pk=self.running.run_id).held_by(self.running.claim).settle(
                JobRun.State.FAILED,
                at=self.now(),
                error=f"{self._too_long()} It had to be killed.",
            )
            self.on_hang()

    def _too_long(self) -> str:
        return f"Ran longer than its limit of {self.limit / 60:.0f} minutes."
