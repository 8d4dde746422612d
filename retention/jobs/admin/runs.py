from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from retention.jobs.models import JobRun
from retention.jobs.registry import all_jobs
from retention.jobs.services.cancel import NotCancellable, cancel
from retention.jobs.services.retry import NotRetriable, retry
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import NOTHING

from .words import cell, pairs, progress_url, result_pairs, seconds_taken, title_of

PERMISSION = "jobs.change_jobrun"
"""To cancel and to try again. The rows themselves only the workers write."""


class JobFilter(admin.SimpleListFilter):
    """By the job's title, and only titles that there are."""

    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        titles = ((job.name, job.title) for job in all_jobs().values())
        return sorted(titles, key=lambda row: row[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobRun]) -> QuerySet[JobRun]:
        return queryset.filter(job=self.value()) if self.value() else queryset


@admin.register(JobRun)
class JobRunAdmin(ReadOnly[JobRun]):
    """Each run: where it is, how long it took, what came of it, and why it failed."""

    list_display = ("what", "how_far", "took", "came_of_it", "asked", "when")
    list_display_links = ("what",)
    list_filter = ("state", JobFilter, "queue")
    actions = ("cancel_selected", "retry_selected")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", view(self.progress_view), name="jobs_jobrun_progress"),
            path("<int:pk>/cancel/", view(self.cancel_view), name="jobs_jobrun_cancel"),
            path("<int:pk>/retry/", view(self.retry_view), name="jobs_jobrun_retry"),
            *super().get_urls(),
        ]

    # The list

    @admin.display(description="job", ordering="job")
    def what(self, run: JobRun) -> SafeString:
        about = pairs(run.arguments)[:2]
        return cell("what", title=title_of(run.job), arguments=about)

    @admin.display(description="state", ordering="state")
    def how_far(self, run: JobRun) -> SafeString:
        return cell("progress", run=run, url=progress_url(run))

    @admin.display(description="took")
    def took(self, run: JobRun) -> SafeString:
        return cell("took", run=run, seconds=seconds_taken(run))

    @admin.display(description="result")
    def came_of_it(self, run: JobRun) -> SafeString:
        return cell("result", run=run, pairs=result_pairs(run)[:3])

    @admin.display(description="asked by", ordering="asked_by")
    def asked(self, run: JobRun) -> str:
        return run.asked_by or NOTHING

    @admin.display(description="for", ordering="scheduled_for")
    def when(self, run: JobRun) -> SafeString:
        return cell("when", run=run)

    @admin.action(description="Cancel the selected jobs", permissions=["operate"])
    def cancel_selected(self, request: HttpRequest, runs: QuerySet[JobRun]) -> None:
        self._each(request, runs, lambda run: self._cancel(request, run), "stopped")

    @admin.action(description="Try the selected jobs again", permissions=["operate"])
    def retry_selected(self, request: HttpRequest, runs: QuerySet[JobRun]) -> None:
        self._each(request, runs, lambda run: self._retry(request, run), "started again")

    def _each(
        self,
        request: HttpRequest,
        runs: QuerySet[JobRun],
        act: Callable[[JobRun], None],
        done: str,
    ) -> None:
        count = 0
        for run in runs.order_by("pk"):
            try:
                act(run)
                count += 1
            except (NotCancellable, NotRetriable) as refusal:
                messages.warning(request, str(refusal))
        if count:
            messages.success(request, f"{count} {'job' if count == 1 else 'jobs'} {done}.")

    # One run

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, unquote(object_id))
        if run is None:
            raise Http404(f"There is no job {object_id}.")
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title_of(run.job),
            "run": run,
            "known": run.job in all_jobs(),
            "seconds": seconds_taken(run),
            "pairs": result_pairs(run),
            "arguments": pairs(run.arguments),
            "progress_url": "" if run.is_over else progress_url(run),
            "may_operate": self.has_operate_permission(request),
        }
        return TemplateResponse(request, "admin/jobs/jobrun/detail.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What progress.js asks for while the run goes on."""
        run = get_object_or_404(JobRun, pk=pk)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        said = run.message or ("Waiting for a worker." if run.state == "QUEUED" else "")
        return JsonResponse(
            {"done": run.done, "total": run.total, "message": said, "finished": run.is_over}
        )

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._one(request, pk, self._cancel, "The job stops at the next thing it reports.")

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._one(request, pk, self._retry, "The job starts again.")

    def _one(
        self, request: HttpRequest, pk: int, act: Callable[[HttpRequest, JobRun], None], said: str
    ) -> HttpResponse:
        if request.method != "POST" or not self.has_operate_permission(request):
            raise PermissionDenied
        run = get_object_or_404(JobRun, pk=pk)
        try:
            act(request, run)
            messages.success(request, said)
        except (NotCancellable, NotRetriable) as refusal:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("admin:jobs_jobrun_change", args=[pk]))

    def _cancel(self, request: HttpRequest, run: JobRun) -> None:
        cancel(run, at=timezone.now())
        self.log_change(request, run, "Stopped.")

    def _retry(self, request: HttpRequest, run: JobRun) -> None:
        retry(run, at=timezone.now(), asked_by=request.user.get_username())
        self.log_change(request, run, "Started again.")
