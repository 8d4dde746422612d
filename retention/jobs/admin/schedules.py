from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from retention.jobs.models import JobRun, Schedule
from retention.jobs.registry import UnknownJob
from retention.jobs.services.ask import ask

from .forms import ScheduleForm
from .words import cell, rhythm

TIMING = {"every_minutes", "at_time", "weekdays", "zone", "enabled"}


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin[Schedule]):
    """What runs by itself: when it last did, when it next will, and a button to do it now."""

    form = ScheduleForm
    list_display = ("name", "when", "last_run", "next_run", "is_on", "run_now")
    list_display_links = ("name",)
    list_filter = ("enabled",)
    ordering = (F("at_time").asc(nulls_first=True), "every_minutes", "name")
    actions = ("switch_on", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        newest = JobRun.objects.filter(schedule=OuterRef("pk")).order_by("-pk")
        last = {
            f"last_{field}": Subquery(newest.values(field)[:1])
            for field in ("id", "state", "started_at", "finished_at", "scheduled_for")
        }
        return super().get_queryset(request).annotate(**last)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        now = path("<int:pk>/run/", view(self.run_view), name="jobs_schedule_run")
        return [now, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if self.has_change_permission(request) else self.list_display[:-1]

    def has_delete_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        # One that a new installation starts with would come back; switching off lasts.
        return False

    @admin.display(description="runs")
    def when(self, schedule: Schedule) -> str:
        return rhythm(schedule)

    @admin.display(description="last run")
    def last_run(self, schedule: Any) -> SafeString:
        return cell("last_run", schedule=schedule, label=_label(schedule.last_state))

    @admin.display(description="next run", ordering="next_run_at")
    def next_run(self, schedule: Schedule) -> SafeString:
        moment = schedule.next_run_at
        return cell("next_run", schedule=schedule, is_due=not moment or moment <= timezone.now())

    @admin.display(description="on", boolean=True, ordering="enabled")
    def is_on(self, schedule: Schedule) -> bool:
        return schedule.enabled

    @admin.display(description="")
    def run_now(self, schedule: Schedule) -> SafeString:
        return cell("run_now", schedule=schedule)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, schedules: QuerySet[Schedule]) -> None:
        self._switch(request, schedules, on=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, schedules: QuerySet[Schedule]) -> None:
        self._switch(request, schedules, on=False)

    def _switch(self, request: HttpRequest, schedules: QuerySet[Schedule], *, on: bool) -> None:
        changed = list(schedules.exclude(enabled=on))
        for schedule in changed:
            schedule.enabled = on
            self._plan(schedule)
            self.log_change(request, schedule, "Switched on." if on else "Switched off.")
        count = "1 schedule" if len(changed) == 1 else f"{len(changed)} schedules"
        messages.success(request, f"{count} switched {'on' if on else 'off'}.")

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        if not change or TIMING & set(form.changed_data):
            self._plan(obj)
        else:
            obj.save()

    def _plan(self, schedule: Schedule) -> None:
        """Its next moment by its new times. What it missed while it was off stays missed."""
        schedule.next_run_at = None
        schedule.next_run_at = schedule.next_after(timezone.now()) if schedule.enabled else None
        schedule.save()

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        schedule = get_object_or_404(Schedule, pk=pk)
        if request.method != "POST" or not self.has_change_permission(request, schedule):
            raise PermissionDenied
        try:
            run = ask(
                schedule.job,
                arguments=schedule.arguments,
                at=timezone.now(),
                asked_by=request.user.get_username(),
                schedule=schedule,
            )
        except UnknownJob as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:jobs_schedule_changelist"))
        self.log_change(request, schedule, "Run now.")
        return HttpResponseRedirect(reverse("admin:jobs_jobrun_change", args=[run.pk]))


def _label(state: str | None) -> str:
    return str(JobRun.State(state).label) if state else ""
