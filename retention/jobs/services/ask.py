import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from retention.jobs import hints
from retention.jobs.models import JobRun, Schedule
from retention.jobs.registry import find


def ask(
    job: str,
    *,
    at: datetime,
    arguments: dict[str, Any] | None = None,
    key: str | None = None,
    asked_by: str = "",
    schedule: Schedule | None = None,
) -> JobRun:
    """Have a job run soon, if the caller's transaction commits.

    A second asker of a key gets the first one's run. Never waits for a broker: the row is the
    request, and a message only shortens the wait.
    Raises UnknownJob.
    """
    declared = find(job)
    run = JobRun(
        job=job,
        key=key or uuid.uuid4().hex,
        arguments=arguments or {},
        queue=declared.queue,
        asked_by=asked_by,
        schedule=schedule,
        scheduled_for=at,
        due_at=at,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        # The unique key decides between two askers at once; the loser takes the winner's run.
        return JobRun.objects.get(key=run.key)
    transaction.on_commit(lambda: hints.send(run.pk, queue=run.queue), robust=True)
    return run
