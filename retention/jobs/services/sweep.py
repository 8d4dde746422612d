from collections.abc import Collection
from datetime import datetime

from retention.jobs.models import JobRun
from retention.jobs.registry import all_jobs


def sweep(queues: Collection[str], *, at: datetime, room: int) -> list[JobRun]:
    """What workers of these queues should take now, the longest waiting first, `room` at most.

    Ends what nobody may take any more: runs that died with their worker for the last time, and
    runs an operator stopped whose worker is gone.
    """
    _end_abandoned(at=at)
    if room <= 0:
        return []
    due = JobRun.objects.due(at).on(queues).filter(job__in=all_jobs())
    return list(due.order_by("due_at", "pk")[:room])


def _end_abandoned(*, at: datetime) -> None:
    JobRun.objects.filter(state=JobRun.State.QUEUED, cancel_asked=True).settle(
        JobRun.State.CANCELLED, at=at
    )
    for run in JobRun.objects.filter(state=JobRun.State.RUNNING, lease_until__lt=at):
        # The worker's name is in the filter: whoever took the run meanwhile keeps it.
        still_so = JobRun.objects.held_by(run.worker).filter(pk=run.pk, lease_until__lt=at)
        job = all_jobs().get(run.job)
        if run.cancel_asked:
            still_so.settle(JobRun.State.CANCELLED, at=at)
        elif job is not None and run.attempts >= job.starts:
            still_so.settle(JobRun.State.FAILED, at=at, error=_words(run))


def _words(run: JobRun) -> str:
    times = "once" if run.attempts == 1 else f"{run.attempts} times"
    was = f" The last thing it said: {run.message}" if run.message else ""
    return (
        f"Started {times}, and each time its worker fell silent: it was killed, ran out of memory "
        f"or lost the database.{was}"
    )
