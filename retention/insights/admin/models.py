from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from retention.insights.models import Kind, ModelVersion, TrainingRun
from retention.insights.services.promote import NotPromotable, promote
from retention.jobs.services.ask import ask
from retention.present import charts
from retention.present.templatetags.present import ago, badge, duration

from .metrics import headline, metric_rows
from .reading import ReadOnlyAdmin

LOOKS = {"CHAMPION": "good", "CANDIDATE": "info", "REFUSED": "warn", "ARCHIVED": ""}
RUN_LOOKS = {"DONE": "good", "RUNNING": "info", "NOT_ENOUGH_DATA": "warn", "FAILED": "bad"}


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin[ModelVersion]):
    """What was learned, how good it is, what serves and why; train now, or roll back."""

    list_display = ("what", "serving", "quality", "verdict", "learned")
    list_filter = ("kind", "state")
    list_select_related = ("run",)
    ordering = ("-pk",)
    change_list_template = "admin/models.html"
    change_form_template = "admin/model.html"

    def get_urls(self) -> list[URLPattern]:
        train = self.admin_site.admin_view(require_POST(self.train_view))
        serve = self.admin_site.admin_view(require_POST(self.serve_view))
        ours = [
            path("train/<str:kind>/", train, name="insights_train"),
            path("<int:pk>/serve/", serve, name="insights_serve"),
        ]
        return ours + super().get_urls()

    def train_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Ask for a training; the list shows how it goes."""
        if not request.user.has_perm("insights.view_modelversion") or kind not in Kind.values:
            raise PermissionDenied
        who = request.user.get_username()
        run = ask("insights.train", arguments={"kind": kind}, at=timezone.now(), asked_by=who)
        url = reverse("admin:jobs_jobrun_change", args=[run.pk])
        said = format_html('Training has been asked for: <a href="{}">watch it</a>.', url)
        messages.success(request, said)
        return redirect("admin:insights_modelversion_changelist")

    def serve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a version serve: rolling back, or overruling the gate."""
        if not request.user.has_perm("insights.change_modelversion"):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=pk)
        who = request.user.get_username()
        try:
            promote(version, at=timezone.now(), actor=who, verdict=f"Chosen by {who}.")
        except NotPromotable as refused:
            messages.error(request, str(refused))
        else:
            ask("insights.score", at=timezone.now(), asked_by=who)
            messages.success(request, f"{version} serves now; customers are scored with it.")
        return redirect("admin:insights_modelversion_change", pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"kinds": Kind.choices}
        return super().changelist_view(request, shown | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = get_object_or_404(ModelVersion.objects.select_related("run"), pk=object_id)
        shown = {
            "version": version,
            "title": str(version),
            "look": LOOKS[version.state],
            "columns": [("", ""), ("Value", "number"), ("95 % interval", "number")],
            "metrics": metric_rows(version.run.metrics),
            "reliability": _reliability(version.run.metrics),
            "counts": list(version.run.row_counts.items()),
            "alarms": version.run.metrics.get("alarms", []),
        }
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    @admin.display(description="model", ordering="kind")
    def what(self, version: ModelVersion) -> str:
        return str(version)

    @admin.display(description="state", ordering="state")
    def serving(self, version: ModelVersion) -> SafeString:
        return badge(version.get_state_display(), LOOKS[version.state])

    @admin.display(description="quality on later data")
    def quality(self, version: ModelVersion) -> str:
        return headline(version.run.metrics)

    @admin.display(description="learned", ordering="created_at")
    def learned(self, version: ModelVersion) -> str:
        return ago(version.created_at)


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin[TrainingRun]):
    """Every attempt to learn, and what came of it."""

    list_display = ("kind", "ended", "said", "asked_by", "started", "took")
    list_filter = ("kind", "state")
    ordering = ("-pk",)

    @admin.display(description="state", ordering="state")
    def ended(self, run: TrainingRun) -> SafeString:
        return badge(run.get_state_display(), RUN_LOOKS[run.state])

    @admin.display(description="result")
    def said(self, run: TrainingRun) -> str:
        return run.error or run.message or headline(run.metrics)

    @admin.display(description="started", ordering="started_at")
    def started(self, run: TrainingRun) -> str:
        return ago(run.started_at)

    @admin.display(description="took")
    def took(self, run: TrainingRun) -> str:
        return duration(run.took)


def _reliability(metrics: dict[str, Any]) -> SafeString | None:
    if "reliability" not in metrics:
        return None
    bins = [
        charts.Bin(
            b["said"],
            b["happened"]["value"],
            b["happened"]["low"],
            b["happened"]["high"],
            b["n"],
        )
        for b in metrics["reliability"]
    ]
    return charts.reliability(bins, title="Said against happened")
