"""What each worker does by itself every few seconds, with or without a broker."""

import logging
import os
import threading
import time
from typing import Any

from celery import bootsteps
from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from .broker import publish
from .identity import my_name, my_queues, name_me, no_forks
from .leaving import takes_nothing_new
from .models import JobRun
from .registry import all_jobs
from .services.beat import beat, fall_silent
from .services.give_back import give_back
from .services.sweep import sweep
from .services.tick import tick

log = logging.getLogger(__name__)


class Sweeper(bootsteps.StartStopStep):
    """A life sign, the schedules, and work for the free hands of this worker.

    A thread and not the worker's timer, because the timer stands still while the broker is away.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **_: Any) -> None:
        self.over = threading.Event()
        self.thread: threading.Thread | None = None
        self.handed: dict[tuple[int, int], float] = {}
        # Loaded once, before the pool forks: its children share the memory, and none is forked
        # while another thread holds Python's import lock.
        all_jobs()
        name_me(worker.hostname, list(worker.app.amqp.queues.consume_from))

    def start(self, worker: Any) -> None:
        self.thread = threading.Thread(
            target=self._sweep_on, args=(worker,), name="sweeper", daemon=True
        )
        self.thread.start()

    def stop(self, worker: Any) -> None:
        """The worker waits for its jobs; the pool ends after this."""
        self.over.set()
        if self.thread is not None:
            self.thread.join(timeout=5)

    def terminate(self, worker: Any) -> None:
        """The worker may not wait for its jobs: the next one does them again, from now on."""
        self.stop(worker)
        worker.pool.terminate()
        if self._leave(worker):
            # In a pool of threads the job works on and would keep this process from ending.
            os._exit(0)

    def _leave(self, worker: Any) -> int:
        """Returns how many runs were given back."""
        try:
            fall_silent(worker.hostname)
            return give_back(JobRun.objects.held_under(my_name()), at=timezone.now())
        except DatabaseError as error:
            log.warning("Leaving without a word: %s", error)
            return 0
        finally:
            connections.close_all()

    def _sweep_on(self, worker: Any) -> None:
        while not self.over.wait(settings.JOB_SWEEP_SECONDS):
            try:
                for run in self._look(worker):
                    publish(run.pk, queue=run.queue)
            except Exception as error:
                # The database or the broker is away. The next sweep looks again.
                log.warning("Sweep: %s: %s", type(error).__name__, error)

    def _look(self, worker: Any) -> list[JobRun]:
        at = timezone.now()
        free = worker.concurrency - len(state.reserved_requests)
        with no_forks:
            try:
                beat(worker.hostname, queues=my_queues(), at=at)
                tick(at=at)
                due = sweep(my_queues(), at=at, room=0 if takes_nothing_new() else free)
            finally:
                connections.close_all()
        return self._not_handed(due)

    def _not_handed(self, due: list[JobRun]) -> list[JobRun]:
        """Without those whose message is still under way, as far as this worker knows."""
        now = time.monotonic()
        patience = max(10.0, 3 * settings.JOB_SWEEP_SECONDS)
        self.handed = {each: when for each, when in self.handed.items() if now - when < patience}
        # By its start: a run whose worker fell silent since is handed out again at once.
        fresh = [run for run in due if (run.pk, run.attempts) not in self.handed]
        self.handed |= {(run.pk, run.attempts): now for run in fresh}
        return fresh
