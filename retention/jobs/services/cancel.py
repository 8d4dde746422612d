from datetime import datetime

from retention.jobs.models import JobRun


class NotCancellable(Exception):
    """The run is over."""


def cancel(run: JobRun, *, at: datetime) -> None:
    """End a waiting run now, a running one at the next thing it reports.

    Raises NotCancellable.
    """
    waiting = JobRun.objects.filter(pk=run.pk, state=JobRun.State.QUEUED)
    running = JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING)
    if waiting.settle(JobRun.State.CANCELLED, at=at) or running.update(cancel_asked=True):
        return
    # Between the two it may have gone back to the queue: a job that failed, a worker that left.
    if waiting.settle(JobRun.State.CANCELLED, at=at):
        return
    run.refresh_from_db()
    raise NotCancellable(f"Job {run} is over: {run.get_state_display().lower()}.")
