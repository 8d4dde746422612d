"""Everything that runs by itself, and when.

These are the schedules a new installation starts with. From then on they are rows that operators
change and switch off in the admin: a later start adds what is missing and overwrites nothing.

The night has an order: clean up, check the data, learn, score with what was learnt, watch it,
recommend, measure. Training jobs share one worker, so they follow one another whatever their times
say; scoring uses the best models there are at its time.
"""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register

from retention.insights.models import Kind
from retention.jobs.checks import unknown_jobs
from retention.jobs.models import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A schedule of a new installation; times are the shop's own."""

    name: str
    job: str
    arguments: dict[str, Any] = field(default_factory=dict)
    at_time: time | None = None
    every_minutes: int | None = None


def _learn(name: str, kind: Kind, at_time: time) -> Planned:
    return Planned(name=name, job="insights.train", arguments={"kind": kind.value}, at_time=at_time)


SCHEDULES = (
    Planned(name="Delete uploaded files", job="customers.clear_uploads", at_time=time(0, 45)),
    Planned(name="Forget old jobs", job="jobs.clean", at_time=time(1, 0)),
    Planned(name="Forget old answers of the API", job="access.forget_answers", at_time=time(1, 5)),
    Planned(name="Check the audit log", job="access.check_log", at_time=time(1, 10)),
    Planned(name="Remove models nobody uses", job="insights.clean", at_time=time(1, 15)),
    Planned(name="Draw the global holdout", job="campaigns.hold_out", at_time=time(1, 30)),
    Planned(name="Check the data", job="insights.check_data", at_time=time(1, 45)),
    _learn("Learn who is leaving", Kind.CHURN, time(2, 0)),
    _learn("Learn what customers will spend", Kind.VALUE, time(2, 10)),
    _learn("Sort customers by how they buy", Kind.RFM, time(2, 20)),
    _learn("Find groups that behave alike", Kind.CLUSTERS, time(2, 40)),
    _learn("Learn what customers like", Kind.FACTORIZATION, time(3, 0)),
    _learn("Learn what is bought together", Kind.BASKETS, time(3, 40)),
    _learn("Learn what customers would give", Kind.RATINGS, time(4, 0)),
    _learn("Learn whom coupons change", Kind.UPLIFT, time(4, 10)),
    Planned(name="Score every customer", job="insights.score", at_time=time(4, 30)),
    Planned(name="Watch the models", job="insights.watch", at_time=time(4, 40)),
    Planned(name="Foretell the next category", job="insights.next_categories", at_time=time(4, 40)),
    Planned(name="Refresh segments", job="insights.segments", at_time=time(4, 45)),
    Planned(name="Recommend products", job="insights.recommend", at_time=time(5, 0)),
    Planned(name="Write what is bought together", job="insights.associate", at_time=time(5, 20)),
    Planned(name="Measure campaigns", job="campaigns.measure", at_time=time(6, 0)),
    Planned(
        name="Measure all campaigns together",
        job="campaigns.measure_programme",
        at_time=time(6, 15),
    ),
    Planned(name="Issue coupons that are due", job="campaigns.issue", every_minutes=5),
    Planned(name="Admit customers by triggers", job="campaigns.admit", every_minutes=5),
    Planned(name="Send messages that are due", job="campaigns.send", every_minutes=1),
    Planned(name="Delete e-mails kept as files", job="campaigns.clear_mail", every_minutes=60),
    Planned(name="Complete campaigns that are over", job="campaigns.finish", every_minutes=60),
)


def sync_schedules(*, at: datetime) -> int:
    """Add the schedules that are missing; returns how many. Safe to repeat, and at once by many."""
    before = Schedule.objects.count()
    # A row that is there, by its name or by its job and arguments, is an operator's by now.
    Schedule.objects.bulk_create([_row(each, at=at) for each in SCHEDULES], ignore_conflicts=True)
    return Schedule.objects.count() - before


def _row(planned: Planned, *, at: datetime) -> Schedule:
    row = Schedule(
        name=planned.name,
        job=planned.job,
        arguments=planned.arguments,
        at_time=planned.at_time,
        every_minutes=planned.every_minutes,
        zone=settings.TIME_ZONE,
    )
    row.next_run_at = row.next_after(at)
    return row


@register(Tags.compatibility)
def check_schedules(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Every job these schedules name is declared by an app."""
    return unknown_jobs({each.name: each.job for each in SCHEDULES})
