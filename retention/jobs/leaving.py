"""A worker goes away politely: nothing new, a few seconds for what runs, then it is given back."""

import mmap
import time

from celery.apps.worker import Worker
from django.db import DatabaseError, connection

from .identity import my_name, no_forks
from .models import JobRun

FINISH_SECONDS = 4.0
"""What ends by itself in this time is done."""
STOP_SECONDS = 3.0
"""And in this time what reports its progress is stopped there; the rest is killed."""

_flags = mmap.mmap(-1, 1)
"""One byte that the pool's children share with their worker."""

NOTHING_NEW, STOP = 1, 2


def takes_nothing_new() -> bool:
    return _flags[0] >= NOTHING_NEW


def must_stop() -> bool:
    return _flags[0] >= STOP


class PoliteWorker(Worker):
    """Celery's own soft shutdown sleeps its whole time, though nothing may be left to wait for."""

    def wait_for_soft_shutdown(self) -> bool:
        """Whether nothing is left."""
        for flag, seconds in ((NOTHING_NEW, FINISH_SECONDS), (STOP, STOP_SECONDS)):
            _flags[0] = flag
            until = time.monotonic() + seconds
            while time.monotonic() < until and self._has_work():
                time.sleep(0.2)
        return not self._has_work()

    def _has_work(self) -> bool:
        try:
            with no_forks:
                return JobRun.objects.held_under(my_name()).exists()
        except DatabaseError:
            return False
        finally:
            connection.close()
