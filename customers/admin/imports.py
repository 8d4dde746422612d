"""Files in: upload, see how it is read, agree, watch, and read what became of every row."""

from pathlib import Path
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.admin import import_pages as pages
from customers.admin.import_forms import UploadForm
from customers.admin.refused_csv import refused_csv
from customers.files.reading import Options
from customers.import_report import import_report
from customers.models import IngestBatch
from customers.services import uploads
from customers.services.import_file import read_otherwise_before
from retention.jobs.models import JobRun
from retention.jobs.services.ask import ask
from retention.jobs.services.retry import NotRetriable, retry
from retention.present.lists import VIEW_CUSTOMER, ReadOnly
from retention.present.templatetags.present import ago, badge, number, tone

JOB = "customers.import_file"
FOLDER = "admin/customers/ingestbatch"


@admin.register(IngestBatch)
class IngestBatchAdmin(ReadOnly[IngestBatch]):
    """Every import: what it read, stored, knew already and refused."""

    list_display = ("name", "stage", "read", "stored", "known", "refused_rows", "begun", "by")
    list_filter = ("state",)
    search_fields = ("name__istartswith",)
    search_help_text = "How the file's name begins."
    sortable_by = ()
    actions = None
    wording: ClassVar = {
        "add_label": "Import a file",
        "empty_title": "No file was imported yet.",
        "empty_text": "A preview shows what is understood before anything is stored.",
        "empty_url": reverse_lazy("admin:customers_ingestbatch_add"),
        "empty_action": "Import a file",
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.add_ingestbatch")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "customers_ingestbatch"
        return [
            path("<int:pk>/start/", view(self.start_view), name=f"{name}_start"),
            path("<int:pk>/discard/", view(self.discard_view), name=f"{name}_discard"),
            path("<int:pk>/again/", view(self.again_view), name=f"{name}_again"),
            path("<int:pk>/progress/", view(self.progress_view), name=f"{name}_progress"),
            path("<int:pk>/refused.csv", view(self.refused_view), name=f"{name}_refused"),
            *super().get_urls(),
        ]

    # The list

    @admin.display(description="state")
    def stage(self, batch: IngestBatch) -> SafeString:
        previewed = uploads.options_of(batch) is not None
        label = "Previewed, not imported" if previewed else batch.get_state_display()
        return badge(label, "quiet" if previewed else tone(batch.state))

    @admin.display(description="read")
    def read(self, batch: IngestBatch) -> str:
        return number(batch.rows_read)

    @admin.display(description="stored")
    def stored(self, batch: IngestBatch) -> str:
        return number(batch.rows_stored)

    @admin.display(description="known already")
    def known(self, batch: IngestBatch) -> str:
        return number(batch.rows_duplicate)

    @admin.display(description="refused")
    def refused_rows(self, batch: IngestBatch) -> str:
        if not batch.rows_refused:
            return number(0)
        url = reverse("admin:customers_ingestbatch_change", args=[batch.pk])
        return format_html('<a href="{}#refused">{}</a>', url, number(batch.rows_refused))

    @admin.display(description="begun")
    def begun(self, batch: IngestBatch) -> str:
        return ago(batch.started_at or batch.created_at)

    @admin.display(description="by")
    def by(self, batch: IngestBatch) -> str:
        return batch.created_by or "the command line"

    # Upload

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require_add(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            by = request.user.get_username()
            at = timezone.now()
            upload = form.cleaned_data["file"]
            batch = uploads.keep_upload(upload, options=Options(), at=at, by=by)
            return self._to(batch)
        return self._page(request, "upload", title="Import a file", form=form)

    # One import: its preview, its progress, its report

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, unquote(object_id))
        if batch is None:
            raise Http404(f"There is no import {object_id}.")
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        options = uploads.options_of(batch)
        if options is not None:
            return self._preview(request, batch, options)
        return self._report(request, batch)

    def _preview(self, request: HttpRequest, batch: IngestBatch, options: Options) -> HttpResponse:
        self._require_add(request)
        found = pages.read(Path(batch.path), options, name=batch.name)
        form = pages.reading_form(found, options, request.POST or None)
        if request.method == "POST" and form.is_valid():
            chosen = form.options(options, taken=found.taken)
            try:
                uploads.choose_options(batch, chosen)
            except uploads.StartedAlready as error:
                messages.warning(request, str(error))
            return self._to(batch)
        return self._page(
            request,
            "preview",
            title=batch.name,
            batch=batch,
            found=found,
            form=form,
            lines=[(line, form[line.name]) for line in pages.lines(found)],
            side=pages.first_rows(Path(batch.path), found),
            before=found.inspection and read_otherwise_before(found.inspection),
        )

    def _report(self, request: HttpRequest, batch: IngestBatch) -> HttpResponse:
        run = _run_of(batch)
        over = batch.state in {"DONE", "FAILED"} or run is None or run.is_over
        progress = reverse("admin:customers_ingestbatch_progress", args=[batch.pk])
        return self._page(
            request,
            "report",
            title=batch.name,
            batch=batch,
            report=import_report(batch, examples=5),
            run=run,
            error=batch.error or (run.error if run and run.is_over else ""),
            progress=None if over else _progress(batch, run),
            progress_url="" if over else progress,
            may_try_again=bool(run and run.is_over and batch.state != "DONE")
            and self.has_add_permission(request),
        )

    def start_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Agreed: from here on a job does it."""
        batch = self._posted(request, pk)
        options = uploads.options_of(batch)
        found = pages.Read()
        if options is not None:
            found = pages.read(Path(batch.path), options, name=batch.name)
        if found.inspection is None:
            messages.error(request, "Nothing was imported: look at what is open first.")
            return self._to(batch)
        try:
            with transaction.atomic():
                uploads.agree_to(batch, found.inspection)
                ask(
                    JOB,
                    at=timezone.now(),
                    arguments={"batch_id": batch.pk},
                    key=_key(batch),
                    asked_by=request.user.get_username(),
                )
        except uploads.StartedAlready as error:
            messages.warning(request, str(error))
        return self._to(batch)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self._posted(request, pk)
        try:
            uploads.think_better_of(batch)
        except uploads.StartedAlready as error:
            messages.warning(request, str(error))
            return self._to(batch)
        messages.success(request, f"{batch.name} was not imported, and deleted here.")
        return HttpResponseRedirect(reverse("admin:customers_ingestbatch_changelist"))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An import that failed or was cancelled goes on where it was."""
        batch = self._posted(request, pk)
        run = _run_of(batch)
        try:
            if run is not None:
                retry(run, at=timezone.now(), asked_by=request.user.get_username())
        except NotRetriable as error:
            messages.warning(request, str(error))
        return self._to(batch)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What progress.js asks for while the import runs."""
        batch = get_object_or_404(IngestBatch, pk=pk)
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        return JsonResponse(_progress(batch, _run_of(batch)))

    def refused_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Posted, since it is written to the audit log: the rows are about people."""
        batch = get_object_or_404(IngestBatch, pk=pk)
        may = self.has_view_permission(request, batch) and request.user.has_perm(VIEW_CUSTOMER)
        if request.method != "POST" or not may:
            raise PermissionDenied
        return refused_csv(batch, by=request.user.get_username(), at=timezone.now())

    def _page(self, request: HttpRequest, page: str, **context: Any) -> HttpResponse:
        everywhere = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, f"{FOLDER}/{page}.html", everywhere | context)

    def _posted(self, request: HttpRequest, pk: int) -> IngestBatch:
        self._require_add(request)
        if request.method != "POST":
            raise PermissionDenied
        return get_object_or_404(IngestBatch, pk=pk)

    def _require_add(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _to(self, batch: IngestBatch) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:customers_ingestbatch_change", args=[batch.pk]))


def _key(batch: IngestBatch) -> str:
    return f"{JOB}:{batch.pk}"


def _run_of(batch: IngestBatch) -> JobRun | None:
    return JobRun.objects.filter(key=_key(batch)).first()


def _progress(batch: IngestBatch, run: JobRun | None) -> dict[str, Any]:
    """In percent of the file's bytes, which is what is known of its length."""
    over = batch.state in {"DONE", "FAILED"} and (run is None or run.is_over)
    waiting = run is not None and run.state == JobRun.State.QUEUED
    share = run.done / run.total if run is not None and run.total else 0.0
    rows = f"{batch.rows_read:,} rows"
    return {
        "done": round(100 * share),
        "total": 100,
        "message": "Waiting for a worker." if waiting and not batch.rows_read else rows,
        "finished": over or (run is not None and run.is_over),
    }
