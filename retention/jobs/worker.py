"""What a Celery message does: the run it names, and then what else is due."""

import os
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from .broker import RUN_TASK, TICK_TASK
from .heartbeat import Pulse
from .identity import my_name, my_queues
from .leaving import must_stop, takes_nothing_new
from .registry import Job
from .running import Running
from .services.tick import tick
from .services.work_off import work_off

RUNS_A_MESSAGE = 20
"""At most, so that a pool can renew its processes and a full queue does not starve another's."""


@shared_task(name=RUN_TASK, ignore_result=True)
def run_job(*, run_id: int, **_: Any) -> int:
    return work_off(
        my_queues(),
        by=my_name(),
        now=timezone.now,
        lease=timedelta(seconds=settings.JOB_LEASE_SECONDS),
        keep_alive=_pulse,
        first=run_id,
        most=RUNS_A_MESSAGE,
        go_on=lambda: not takes_nothing_new(),
    )


@shared_task(name=TICK_TASK, ignore_result=True)
def tick_schedules(**_: Any) -> int:
    return tick(at=timezone.now())


def _pulse(running: Running, job: Job) -> Pulse:
    return Pulse(
        running,
        lease=timedelta(seconds=settings.JOB_LEASE_SECONDS),
        limit=timedelta(minutes=job.limit_minutes),
        now=timezone.now,
        must_stop=must_stop,
        on_hang=_die,
    )


def _die() -> None:
    # Nothing stops a thread from outside. The pool or the supervisor starts a new process.
    os._exit(70)
