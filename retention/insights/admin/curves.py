"""What each fact does to the risk of everyone: the curves of the serving churn model."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from retention.insights.artifacts import BrokenArtifact
from retention.insights.families.churn import model_of
from retention.insights.models import Kind
from retention.insights.serving import load_champion
from retention.learning.churn.curves import FAINT, Curve, curves, in_words
from retention.learning.churn.wording_visits import BEHAVIOUR, THEMES
from retention.learning.features import Unit
from retention.present.charts import effect_curve
from retention.present.templatetags.present import compact, money


def curve_url(feature: str) -> str:
    """The page at a feature's curve."""
    return f"{reverse('admin:churn_curves')}#{feature}"


@permission_required("insights.view_churnscore", raise_exception=True)
def curves_page(request: HttpRequest) -> HttpResponse:
    """A card a fact, the one that matters most first."""
    page: dict[str, Any] = {"title": "What the churn model looks at"}
    try:
        champion = load_champion(Kind.CHURN)
    except BrokenArtifact as broken:
        champion, page["nothing"] = None, str(broken)
    if champion is not None:
        version, parameters, arrays = champion
        told = curves(model_of(parameters, arrays))
        page |= {
            "version": version,
            "cards": [_card(curve) for curve in told if curve.range >= FAINT],
            "faint": [curve.spec for curve in told if curve.range < FAINT],
        }
    context = admin.site.each_context(request) | page
    return TemplateResponse(request, "admin/churn_curves.html", context)


def _card(curve: Curve) -> dict[str, Any]:
    spec = curve.spec
    words = in_words(curve, lambda value: spec.say(value, money=money))
    beside = [other.label for other in BEHAVIOUR if other.theme == spec.theme and other != spec]
    return {
        "spec": spec,
        "theme": THEMES[spec.theme].title,
        "beside": beside,
        "words": words,
        "unknown": not curve.counts.any(),
        "chart": effect_curve(
            curve.at.tolist(),
            curve.effect.tolist(),
            curve.edges.tolist(),
            curve.counts.tolist(),
            title=f"{spec.label}: what it adds to the risk",
            desc=words,
            form=lambda value: _tick(curve, value),
        ),
    }


def _tick(curve: Curve, value: float) -> str:
    match curve.spec.unit:
        case Unit.MONEY:
            return money(value)
        case Unit.SHARE:
            return f"{value:.0%}"
        case _:
            return compact(value)
