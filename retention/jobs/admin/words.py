"""How runs and schedules are said to operators."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from retention.jobs.models import JobRun, Schedule
from retention.jobs.registry import all_jobs
from retention.present.templatetags.present import NOTHING

NAME = re.compile(r"[A-Z][A-Z_]+|[a-z]+(_[a-z]+)+")
"""How programs spell a name."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def title_of(job: str) -> str:
    """The job's title; its name, where this version does not know it."""
    known = all_jobs().get(job)
    return known.title if known else job


def cell(name: str, **context: Any) -> SafeString:
    """A cell of a list, from its template."""
    return SafeString(render_to_string(f"admin/jobs/cells/{name}.html", context))


def progress_url(run: JobRun) -> str:
    return reverse("admin:jobs_jobrun_progress", args=[run.pk])


def under_way(request: HttpRequest, job: str, **arguments: Any) -> dict[str, Any]:
    """For parts/under_way.html: the newest run of a job about something, while it goes on or where
    it failed; empty without."""
    about = {f"arguments__{name}": value for name, value in arguments.items()}
    run = JobRun.objects.filter(job=job, **about).order_by("-pk").first()
    if run is None or run.state in {JobRun.State.DONE, JobRun.State.CANCELLED}:
        return {}
    may_view = request.user.has_perm("jobs.view_jobrun")
    return {
        "run": run,
        "title": title_of(job),
        "url": reverse("admin:jobs_jobrun_change", args=[run.pk]) if may_view else "",
        "progress_url": progress_url(run) if may_view and not run.is_over else "",
    }


def seconds_taken(run: JobRun) -> float | None:
    """Of the last start, up to now where it still goes on."""
    if run.started_at is None or run.state == JobRun.State.QUEUED:
        return None
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def result_pairs(run: JobRun) -> list[tuple[str, str]]:
    """What the job answered, as words and values."""
    return pairs(run.result) if isinstance(run.result, dict) else []


def pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(_words(name), _value(value)) for name, value in values.items()]


def _words(name: str) -> str:
    """TRAINED_WELL, top_list: as a person writes it."""
    return name.replace("_", " ").lower() if name.isupper() else name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: NOTHING}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, dict):
        return "; ".join(f"{name} {said}" for name, said in pairs(value)) or NOTHING
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or NOTHING
    return _words(value) if NAME.fullmatch(value) else value


def rhythm(schedule: Schedule) -> str:
    """When it runs: "every 5 minutes", "every day at 02:00"; a zone is named if not the shop's."""
    if schedule.at_time is None:
        return f"every {_span(timedelta(minutes=schedule.every_minutes or 0))}"
    days = [DAYS[int(day) - 1] for day in sorted(set(schedule.weekdays)) if day in "1234567"]
    if len(days) == len(DAYS):
        which = "every day"
    else:
        which = "Monday to Friday" if days == list(DAYS[:5]) else ", ".join(days)
    where = "" if schedule.zone == settings.TIME_ZONE else f" in {schedule.zone}"
    return f"{which} at {schedule.at_time:%H:%M}{where}"


def _span(every: timedelta) -> str:
    minutes = every // timedelta(minutes=1)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes % size == 0:
            count = minutes // size
            return unit if count == 1 else f"{count} {unit}s"
    raise ValueError(f"{every} is no number of minutes.")
