"""Builders of jobs, and jobs to run in tests."""

import contextlib
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from retention.jobs.models import JobRun, Schedule
from retention.jobs.registry import Job, Running
from retention.jobs.services.claim import claim
from retention.jobs.services.perform import perform
from tests.make import NOW

LEASE = timedelta(minutes=2)
_numbers = itertools.count(1)


def run(**fields: Any) -> JobRun:
    """Waiting since NOW for the clean-up, unless the test says otherwise."""
    given: dict[str, Any] = {"job": "jobs.clean", "key": f"run {next(_numbers)}"}
    given |= {"scheduled_for": NOW, "due_at": NOW}
    if fields.get("state") == JobRun.State.RUNNING:
        given |= {"worker": "w/1", "attempts": 1, "started_at": NOW, "lease_until": NOW + LEASE}
    return JobRun.objects.create(**(given | fields))


def schedule(**fields: Any) -> Schedule:
    n = next(_numbers)
    given: dict[str, Any] = {"name": f"Schedule {n}", "job": "jobs.clean", "arguments": {"days": n}}
    if "at_time" not in fields:
        given["every_minutes"] = 10
    return Schedule.objects.create(**(given | fields))


def claimed(waiting: JobRun, *, at: datetime = NOW) -> JobRun:
    taken = claim(waiting.pk, by="w", at=at, lease=LEASE)
    assert taken is not None
    return taken


@contextlib.contextmanager
def no_pulse(running: Running, job: Job) -> Iterator[None]:
    """Tests of one thread need no life sign, and SQLite in memory has room for one writer."""
    yield


def performed(waiting: JobRun, *, at: datetime = NOW) -> JobRun:
    """The run after a worker had it."""
    perform(claimed(waiting, at=at), now=lambda: at, keep_alive=no_pulse)
    waiting.refresh_from_db()
    return waiting
