import logging
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q

from retention.jobs.models import JobRun, Schedule
from retention.jobs.registry import all_jobs

from .ask import ask

log = logging.getLogger(__name__)


def tick(*, at: datetime) -> int:
    """Ask for what the schedules say is due; returns how many runs. Any number may tick at once.

    After a stand-still a schedule gets one run, for the latest moment it missed. A schedule whose
    last run still waits or runs gets none: that run stands for both.
    """
    enabled = Schedule.objects.filter(enabled=True)
    due = enabled.filter(Q(next_run_at=None) | Q(next_run_at__lte=at)).order_by("next_run_at", "pk")
    return sum(_advance(schedule, at=at) for schedule in due)


def _advance(schedule: Schedule, *, at: datetime) -> bool:
    try:
        if schedule.next_run_at is None:
            _move(schedule, to=schedule.next_after(at))
            return False
        return _fire(schedule, at=at)
    except (ValueError, ZoneInfoNotFoundError) as error:
        # One schedule that makes no sense must not stop the others.
        log.error("Schedule %r: %s", schedule.name, error)
        return False


def _fire(schedule: Schedule, *, at: datetime) -> bool:
    moment = schedule.last_until(at)
    with transaction.atomic():
        if not _move(schedule, to=schedule.next_after(moment)) or _is_undone(schedule):
            return False
        if schedule.job not in all_jobs():
            log.error("Schedule %r: no job is called %r.", schedule.name, schedule.job)
            return False
        ask(
            schedule.job,
            arguments=schedule.arguments,
            key=f"schedule:{schedule.pk}:{moment:%Y-%m-%dT%H:%M:%SZ}",
            at=moment,
            asked_by="schedule",
            schedule=schedule,
        )
    return True


def _move(schedule: Schedule, *, to: datetime) -> bool:
    """Set the next moment, unless another scheduler or an operator did so first."""
    unchanged = Schedule.objects.filter(
        pk=schedule.pk, enabled=True, next_run_at=schedule.next_run_at
    )
    return bool(unchanged.update(next_run_at=to))


def _is_undone(schedule: Schedule) -> bool:
    return JobRun.objects.undone().filter(schedule=schedule).exists()
