"""The classifiers of the field beside the serving churn model, and the button to compare them."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from retention.insights.contest_words import COLUMNS, contest_rows, contest_verdict, latest_contest
from retention.insights.models import Kind, ModelVersion
from retention.jobs.admin.words import under_way
from retention.jobs.services.ask import ask


def contest_of(request: HttpRequest, version: ModelVersion) -> dict[str, Any]:
    """What the page of a churn version shows of it; nothing of other kinds."""
    if version.kind != Kind.CHURN:
        return {}
    latest = latest_contest(version)
    shown = {"can_compare": True, "comparing": under_way(request, "insights.compare")}
    if latest is None:
        return shown
    contest, of = latest
    since = "" if of == version else f" That was beside {of}."
    return shown | {
        "contest": {
            "verdict": f"{contest_verdict(contest)}{since}",
            "columns": COLUMNS,
            "rows": contest_rows(contest),
            "customers": contest["sat"][0]["customers"],
            "at": parse_datetime(contest["at"]),
        },
    }


@require_POST
@permission_required("insights.change_modelversion", raise_exception=True)
def compare_view(request: HttpRequest) -> HttpResponse:
    """Ask for the comparison, which takes minutes."""
    ask("insights.compare", at=timezone.now(), asked_by=request.user.get_username())
    serving = ModelVersion.objects.champions().filter(kind=Kind.CHURN).first()
    if serving is None:
        return redirect("admin:insights_modelversion_changelist")
    return redirect("admin:insights_modelversion_change", serving.pk)
