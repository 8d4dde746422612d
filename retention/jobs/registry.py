"""What the product can do by itself: every job by its name, declared beside its app's edges.

    @job("customers.import_file", title="Import a file", queue="ingest", retries=2)
    def import_file(run: Running, *, batch_id: int) -> dict[str, Any]:
        return read(batch_id, at=run.at, progress=run.progress)

A job may run twice, anywhere, and be killed at any moment; see `docs/operators/jobs.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.module_loading import autodiscover_modules

from .running import Cancelled, LeaseLost, Refused, Running

__all__ = [
    "Cancelled",
    "Job",
    "LeaseLost",
    "Refused",
    "Running",
    "UnknownJob",
    "all_jobs",
    "find",
    "job",
]

QUEUES = ("default", "ingest", "campaigns", "training")

Work = Callable[..., dict[str, Any]]


class UnknownJob(LookupError):
    """No app declares a job of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One kind of work. `retries` counts the starts after the first, whatever ended the earlier.

    schedulable : operators may plan it; not what needs its own right, or names who asked for it.
    """

    name: str
    title: str
    queue: str
    retries: int
    limit_minutes: int
    schedulable: bool
    work: Work

    @property
    def starts(self) -> int:
        return self.retries + 1


_jobs: dict[str, Job] = {}


def job(
    name: str,
    *,
    title: str,
    queue: str = "default",
    retries: int = 2,
    limit_minutes: int = 240,
    schedulable: bool = True,
) -> Callable[[Work], Work]:
    """Declare a function `f(run: Running, **arguments) -> dict` as a job; it stays callable."""

    def declare(work: Work) -> Work:
        if queue not in QUEUES:
            raise ValueError(
                f"Job {name}: no queue {queue!r}. Expected one of {', '.join(QUEUES)}."
            )
        if (taken := _jobs.get(name)) and taken.work.__module__ != work.__module__:
            raise ValueError(f"Job {name} is declared in {taken.work.__module__} already.")
        _jobs[name] = Job(
            name=name,
            title=title,
            queue=queue,
            retries=retries,
            limit_minutes=limit_minutes,
            schedulable=schedulable,
            work=work,
        )
        return work

    return declare


def find(name: str) -> Job:
    """Raises UnknownJob."""
    if name not in _jobs:
        _discover()
    try:
        return _jobs[name]
    except KeyError:
        known = ", ".join(sorted(_jobs))
        raise UnknownJob(f"No job is called {name!r}. Known are {known}.") from None


def all_jobs() -> dict[str, Job]:
    _discover()
    return dict(_jobs)


@cache
def _discover() -> None:
    # On first use and not at start-up, so that a command that runs no job loads no job's imports.
    autodiscover_modules("tasks")
