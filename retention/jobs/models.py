from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.timezone import localtime

from .querysets import JobRunQuerySet
from .resolver import next_daily, next_interval


class JobRun(models.Model):
    """A piece of work: asked for in the asker's transaction, held by one worker at a time."""

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"
        CANCELLED = "CANCELLED", "Cancelled"

    job = models.CharField(max_length=64)
    key = models.CharField(
        max_length=128, unique=True, help_text="Two askers with one key get one run."
    )
    arguments = models.JSONField(default=dict, blank=True)
    queue = models.CharField(max_length=16, default="default")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    asked_by = models.CharField(max_length=150, blank=True)
    schedule = models.ForeignKey(
        "Schedule", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    scheduled_for = models.DateTimeField(help_text="The moment the work is about.")
    due_at = models.DateTimeField(help_text="When a worker may take it; later after a failure.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=128, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    cancel_asked = models.BooleanField(default=False)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "job"
        constraints = [
            CheckConstraint(
                condition=~Q(state="RUNNING") | Q(lease_until__isnull=False),
                name="a_running_job_has_a_lease",
            )
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_that_is_due"),
            models.Index(fields=["job", "scheduled_for"], name="job_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {localtime(self.scheduled_for):%Y-%m-%d %H:%M}"

    def claim(self, name: str, *, at: datetime, lease: timedelta) -> bool:
        """Take the run as it was read; False if it changed hands since.

        The start is counted here, before the work: a run that kills its worker uses up its starts.
        """
        unchanged = JobRun.objects.filter(
            pk=self.pk, state=self.state, worker=self.worker, attempts=self.attempts
        )
        return bool(
            unchanged.due(at).update(
                state=self.State.RUNNING,
                worker=name,
                attempts=self.attempts + 1,
                lease_until=at + lease,
                started_at=at,
                finished_at=None,
            )
        )

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}


class Schedule(models.Model):
    """When a job runs by itself: every so many minutes, or at a wall-clock time in a zone."""

    name = models.CharField(max_length=100, unique=True)
    job = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict, blank=True)
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    at_time = models.TimeField(null=True, blank=True, help_text="Local time in the zone below.")
    weekdays = models.CharField(
        max_length=7, default="1234567", help_text="1 is Monday, 7 is Sunday."
    )
    zone = models.CharField(max_length=64, default="UTC")
    enabled = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(every_minutes__gte=1, at_time=None)
                | Q(every_minutes=None, at_time__isnull=False),
                name="a_schedule_is_an_interval_or_a_time_of_day",
            ),
            CheckConstraint(
                condition=~Q(weekdays=""), name="a_schedule_has_at_least_one_day_of_the_week"
            ),
            UniqueConstraint(
                fields=["job", "arguments"], name="a_job_with_its_arguments_has_one_schedule"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def next_after(self, moment: datetime) -> datetime:
        """The first moment of this schedule later than the given one."""
        if self.at_time is not None:
            zone = ZoneInfo(self.zone)
            return next_daily(self.at_time, weekdays=self.weekdays, zone=zone, after=moment)
        every = timedelta(minutes=self.every_minutes or 1)
        return next_interval(self.next_run_at or moment, every, after=moment)

    def last_until(self, moment: datetime) -> datetime:
        """The latest moment of a due schedule that has come; earlier ones are not caught up."""
        if self.next_run_at is None or self.next_run_at > moment:
            raise ValueError(f"Schedule {self.name} is not due at {moment}.")
        last = self.next_run_at
        # Two weeks hold every weekday; an older gap need not be walked day by day.
        coming = self.next_after(max(last, moment - timedelta(days=14)))
        while coming <= moment:
            last, coming = coming, self.next_after(coming)
        return last


class Heartbeat(models.Model):
    """A process that should be alive, and when it last said so."""

    name = models.CharField(max_length=128, unique=True)
    queues = models.CharField(max_length=100, blank=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
