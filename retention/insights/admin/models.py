from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from retention.insights.cards import NOT_FOR, card_of
from retention.insights.judged import FIGURES, verdict_sentence
from retention.insights.models import Kind, ModelVersion, TrainingRun
from retention.insights.quality.decisions import left_out_in_words
from retention.insights.refreshing import ask_for_rows, ask_for_training
from retention.insights.services.promote import NotPromotable, promote
from retention.insights.wording_value import COLUMNS, rival_rows
from retention.jobs.models import JobRun
from retention.present import charts
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import ago, badge, duration

from .contest import compare_view, contest_of
from .exam import exam_of
from .lists import lists_page
from .metrics import METRIC_COLUMNS, headline, meanings, metric_rows
from .model_watch import card_rows, watch_of
from .uplift import in_words, uplift_of

LOOKS = {"CHAMPION": "good", "CANDIDATE": "info", "REFUSED": "warn", "ARCHIVED": ""}
RUN_LOOKS = {"DONE": "good", "RUNNING": "info", "NOT_ENOUGH_DATA": "warn", "FAILED": "bad"}
COUNTS = {"assignments": "In past campaigns", "test_customers": "Kept for its exam"}


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly[ModelVersion]):
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
            path("compare/", self.admin_site.admin_view(compare_view), name="insights_compare"),
            path("<int:pk>/serve/", serve, name="insights_serve"),
            path("<int:pk>/lists/", self.admin_site.admin_view(lists_page), name="insights_lists"),
        ]
        return ours + super().get_urls()

    def train_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Ask for a training; the list shows how it goes."""
        if not request.user.has_perm("insights.change_modelversion") or kind not in Kind.values:
            raise PermissionDenied
        who = request.user.get_username()
        run = ask_for_training(kind, at=timezone.now(), asked_by=who)
        messages.success(request, _watched("Training has been asked for", run))
        return redirect("admin:insights_modelversion_changelist")

    def serve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a version serve: rolling back, or overruling the gate."""
        user = request.user
        if not user.has_perm("insights.change_modelversion") or not isinstance(user, User):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=pk)
        at, who = timezone.now(), user.get_username()
        try:
            promote(version, at=at, actor=who, verdict=f"Chosen by {who}.", user=user)
        except NotPromotable as refused:
            messages.error(request, str(refused))
        else:
            run = ask_for_rows(version.kind, at=at, asked_by=who)
            said = f"{version} serves now"
            messages.success(
                request, _watched(f"{said}; what it says is being computed", run) if run else said
            )
        return redirect("admin:insights_modelversion_change", pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {
            "kinds": Kind.choices,
            "may_change": request.user.has_perm("insights.change_modelversion"),
            "empty_title": "Nothing has been learned yet.",
            "empty_text": "Bring in orders, then train; what is missing is said.",
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = self.get_object(request, unquote(object_id))
        shown = self._page_of(request, version) if version else {}
        shown["may_train"] = request.user.has_perm("insights.change_modelversion")
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def _page_of(self, request: HttpRequest, version: ModelVersion) -> dict[str, Any]:
        run = version.run
        exam, card = exam_of(run.metrics), card_of(version)
        serving = ModelVersion.objects.champions().filter(kind=version.kind)
        said = verdict_sentence(version, serving.values_list("number", flat=True).first())
        return {
            "exam": exam,
            "verdict": said,
            "aside": "" if version.verdict[1:].strip(". ") in said else version.verdict,
            "version": version,
            "title": str(version),
            "subtitle": None,
            "look": LOOKS[version.state],
            "columns": METRIC_COLUMNS,
            "metrics": metric_rows(_beside(exam, run.metrics)),
            "meanings": meanings(_beside(exam, run.metrics)),
            "reliability": _reliability(run.metrics),
            "counts": _counts(run),
            "left_out": left_out_in_words(run.left_out),
            "alarms": run.metrics.get("alarms", []),
            "not_for": NOT_FOR[version.kind],
            "card": card_rows(card) if card else None,
            "watch": watch_of(version),
            "uplift": uplift_of(run.metrics),
            "uplift_words": list(in_words(run.metrics)),
            "rivals": rival_rows(run.metrics, run.parameters.get("chosen", "")),
            "rival_columns": COLUMNS,
            "has_lists": version.kind == Kind.FACTORIZATION,
        } | contest_of(request, version)

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
class TrainingRunAdmin(ReadOnly[TrainingRun]):
    """Every attempt to learn, and what came of it."""

    list_display = ("kind", "ended", "said", "asked_by", "started", "took")
    list_filter = ("kind", "state")
    list_select_related = ("version",)
    ordering = ("-pk",)
    change_form_template = "admin/training_run.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, unquote(object_id))
        shown = _page_of_run(run) if run else {}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    @admin.display(description="state", ordering="state")
    def ended(self, run: TrainingRun) -> SafeString:
        return badge(run.get_state_display(), RUN_LOOKS[run.state])

    @admin.display(description="result")
    def said(self, run: TrainingRun) -> str:
        version = getattr(run, "version", None)
        verdict = f"v{version.number}: {version.verdict}" if version else ""
        return run.error or verdict or run.message

    @admin.display(description="started", ordering="started_at")
    def started(self, run: TrainingRun) -> str:
        return ago(run.started_at)

    @admin.display(description="took")
    def took(self, run: TrainingRun) -> str:
        return duration(run.took)


def _page_of_run(run: TrainingRun) -> dict[str, Any]:
    exam = exam_of(run.metrics)
    return {
        "exam": exam,
        "run": run,
        "version": getattr(run, "version", None),
        "title": str(run),
        "subtitle": None,
        "look": RUN_LOOKS[run.state],
        "columns": METRIC_COLUMNS,
        "metrics": metric_rows(_beside(exam, run.metrics)),
        "meanings": meanings(_beside(exam, run.metrics)),
        "counts": _counts(run),
        "left_out": left_out_in_words(run.left_out),
    }


def _beside(exam: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    """The figures that the exam does not show."""
    return {name: one for name, one in metrics.items() if not (exam and name in FIGURES)}


def _counts(run: TrainingRun) -> list[tuple[str, int]]:
    return [
        (COUNTS.get(name, name.replace("_", " ").capitalize()), n)
        for name, n in run.row_counts.items()
    ]


def _watched(words: str, run: JobRun) -> SafeString:
    url = reverse("admin:jobs_jobrun_change", args=[run.pk])
    return format_html('{}: <a href="{}">watch it</a>.', words, url)


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
