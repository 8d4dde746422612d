import json
import logging
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from retention.jobs.models import JobRun
from retention.jobs.querysets import JobRunQuerySet
from retention.jobs.registry import Job, find
from retention.jobs.running import Cancelled, LeaseLost, Refused, Running, ShuttingDown, Stopped

from .give_back import give_back

FIRST_PAUSE = timedelta(seconds=15)
"""Before the second start; four times as long before each further one."""

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
KeepAlive = Callable[[Running, Job], AbstractContextManager[object]]


def perform(run: JobRun, *, now: Clock, keep_alive: KeepAlive) -> None:
    """Do the work of a claimed run and write down how it ended.

    `keep_alive` renews the lease meanwhile. Whatever the job raises ends here, in words.
    """
    job = find(run.job)
    running = Running(run_id=run.pk, at=run.scheduled_for, asked_by=run.asked_by, claim=run.worker)
    try:
        with keep_alive(running, job):
            result = job.work(running, **run.arguments)
        json.dumps(result)  # Raises here, where it is still a failure of the job.
        _end(running, JobRun.State.DONE, at=now(), result=result, error="")
    except ShuttingDown:
        give_back(_mine(running), at=now())
    except LeaseLost:
        log.warning("Run %s was taken by another worker.", run.pk)
    except Cancelled:
        _end(running, JobRun.State.CANCELLED, at=now())
    except (Refused, Stopped) as error:
        _end(running, JobRun.State.FAILED, at=now(), error=str(error))
    except Exception as error:
        log.exception("Run %s of %s failed.", run.pk, run.job)
        _fail(run, running, job=job, error=error, at=now())
    except BaseException:
        # The process is going down with the job in its hands.
        give_back(_mine(running), at=now())
        raise


def _end(running: Running, state: JobRun.State, *, at: datetime, **fields: Any) -> None:
    if not _mine(running).settle(state, at=at, **_progress(running), **fields):
        # Completed in the job's own transaction, or another worker's by now.
        log.info("Run %s was ended elsewhere.", running.run_id)


def _fail(run: JobRun, running: Running, *, job: Job, error: Exception, at: datetime) -> None:
    """Back to the queue for a later start, or the end where no start is left or it was stopped."""
    words = _words(error)
    if run.attempts >= job.starts:
        _end(running, JobRun.State.FAILED, at=at, error=words)
        return
    due_at = at + FIRST_PAUSE * 4 ** (run.attempts - 1)
    _mine(running).requeue(at=at, due_at=due_at, error=words, **_progress(running))


def _mine(running: Running) -> JobRunQuerySet:
    # A job that broke its connection must still be able to say so.
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    return JobRun.objects.filter(pk=running.run_id).held_by(running.claim)


def _progress(running: Running) -> dict[str, Any]:
    done, total, message = running.noted
    return {"done": done, "total": total, "message": message[:300]}


def _words(error: Exception) -> str:
    """What went wrong, and where in our code."""
    said = str(error).strip() or "no words"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    where = ours[-1] if ours else frames[-1]
    return f"{type(error).__name__}: {said} ({Path(where.filename).name}, line {where.lineno})"
