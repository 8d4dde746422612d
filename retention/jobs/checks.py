"""`manage.py check` names the schedules whose job nobody declares."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from .registry import all_jobs


def unknown_jobs(schedules: Mapping[str, str]) -> list[CheckMessage]:
    """An error for each schedule, by name, whose job is not known."""
    known = all_jobs()
    return [
        Error(
            f"Schedule {name!r} runs {job!r}, and no app declares a job of that name.",
            hint=f"Declared are {', '.join(sorted(known))}.",
            id="jobs.E001",
        )
        for name, job in schedules.items()
        if job not in known
    ]


@register(Tags.database)
def check_stored_schedules(
    app_configs: Any, *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The schedules in the database; `manage.py check --database default` and `migrate` ask."""
    from .models import Schedule

    table = Schedule._meta.db_table
    found: list[CheckMessage] = []
    for database in databases or []:
        # Before the first migration there is nothing to check.
        if table in connections[database].introspection.table_names():
            rows = Schedule.objects.using(database).filter(enabled=True)
            found += unknown_jobs(dict(rows.values_list("name", "job")))
    return found
