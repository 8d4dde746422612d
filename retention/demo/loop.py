"""A night of the product at once, for a shop whose facts are here: learn, score, recommend.

The same jobs as every night's, so that they stand on the page of jobs with what came of them.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from retention.insights.models import Kind
from retention.insights.selectors import known_until
from retention.jobs.models import JobRun
from retention.jobs.services.ask import ask
from retention.jobs.services.claim import claim
from retention.jobs.services.perform import perform
from retention.present.moments import day

Tell = Callable[[str, int, int], None]
"""Called with (what, done, total)."""
Clock = Callable[[], datetime]

NIGHT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Checking the data", "insights.check_data", {}),
    *((f"Learning: {kind.label}", "insights.train", {"kind": kind.value}) for kind in Kind),
    ("Scoring every customer", "insights.score", {}),
    ("Watching the models", "insights.watch", {}),
    ("Foretelling the next category", "insights.next_categories", {}),
    ("Refreshing segments", "insights.segments", {}),
    ("Recommending products", "insights.recommend", {}),
    ("Writing what is bought together", "insights.associate", {}),
)
LEASE = timedelta(hours=2)
"""Nobody renews it here; a start that was killed leaves its job to a worker after so long."""


def run_loop(*, at: datetime, clock: Clock, tell: Tell) -> Iterator[str]:
    """Run it, yielding a sentence for whatever an operator should know.

    at : the moment it is about. clock : when its jobs begin and end.
    """
    moment = known_until(at)
    if moment < at:
        yield f"The data ends on {day(moment)}: insights are as of then."
    for done, (what, job, arguments) in enumerate(NIGHT):
        tell(what, done, len(NIGHT))
        if words := _run(job, arguments, at=at, clock=clock):
            yield f"{what}: {words}"


def _run(job: str, arguments: dict[str, Any], *, at: datetime, clock: Clock) -> str:
    """What is to be said of it: nothing where it went well."""
    run = ask(job, at=at, arguments=arguments, asked_by="the demonstration")
    claimed = claim(run.pk, by="demonstration", at=clock(), lease=LEASE)
    if claimed is None:
        return "a worker does it."
    perform(claimed, now=clock, keep_alive=lambda *_: nullcontext())
    run = JobRun.objects.get(pk=run.pk)
    return run.error or str(run.result.get("message") or "")
