"""Ask the model: change facts of a customer, and see what it would say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from customers.models import Customer
from customers.selectors import customer_known_as
from retention.insights.explaining import (
    NothingToExplain,
    Subject,
    last_order_in_words,
    subject_of,
)
from retention.learning.churn.asking import Judged, Step, compare, steps
from retention.learning.churn.following import ASKABLE, SPECS, Impossible
from retention.learning.churn.following_orders import Facts
from retention.present.templatetags.present import money, percent

from .ask_facts import PREFIX, NotAFact, asked_of, fields_of, shown
from .curves import curve_url
from .scores import TONES

MAY = ("customers.view_customer", "insights.view_churnscore")
FAINT = 0.005
DIFFERENCES = 8
NAMED = 5


@dataclass(frozen=True)
class Said:
    """What the model says of somebody, for a page."""

    risk: str
    band: str
    tone: str
    reasons: list[dict[str, Any]]


@permission_required(MAY, raise_exception=True)
def ask_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A form that answers; asked with `part` it answers with the answer alone, for the script."""
    customer = get_object_or_404(
        Customer.objects.select_related("contact", "merged_into__contact"), pk=pk
    ).current
    page: dict[str, Any] = {"customer": customer, "title": "Ask the model", "asked": request.GET}
    try:
        subject = subject_of(customer)
        answer = _answer(subject, request.GET)
        page["answer"] = answer
        page["groups"] = fields_of(subject.facts, request.GET.dict(), answer.get("follows", {}))
    except NothingToExplain as nothing:
        page |= {"nothing": str(nothing)}
    name = "parts/ask_answer.html" if "part" in request.GET else "admin/customer_ask.html"
    return TemplateResponse(request, name, admin.site.each_context(request) | page)


def _answer(subject: Subject, data: QueryDict) -> dict[str, Any]:
    try:
        asked = asked_of(subject.facts, data.dict())
        now = subject.changed(asked)
    except NotAFact as refused:
        return {"wrong": str(refused)}
    except Impossible as refused:
        return {"wrong": _in_words(str(refused))}
    moved = steps(subject.facts, now, asked)
    return {
        "now": _said(subject, subject.judged()),
        "then": _said(subject, subject.judged(now)) if asked else None,
        "asked": _told([step for step in moved if step.asked]),
        "how": last_order_in_words(subject, now),
        "followed": _told([step for step in moved if not step.asked]),
        "follows": _follows(moved),
        "least": _least(subject, asked, data.get("below", "")),
        "against": _against(subject, now, data.get("with", "").strip()),
    }


def _said(subject: Subject, judged: Judged) -> Said:
    band = subject.band(judged)
    told: list[dict[str, Any]] = [
        {"label": r.sentence, "effect": r.effect, "url": curve_url(r.feature)}
        for r in judged.reasons
    ]
    if abs(judged.rest) > FAINT:
        told.append({"label": "everything else together", "effect": judged.rest})
    return Said(percent(judged.probability), band.label, TONES[band], told)


def _follows(moved: Sequence[Step]) -> dict[str, str]:
    """What stands beside each field, as far as a person would see a difference."""
    beside = {}
    for step in moved:
        before, after = (shown(SPECS[step.feature], value) for value in (step.before, step.after))
        if not step.asked and step.feature in ASKABLE and before != after:
            beside[PREFIX + step.feature] = after or "not known"
    return beside


def _told(moved: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Label, before and after of each fact, as far as a person would see a difference."""
    rows = []
    for step in moved:
        spec = SPECS[step.feature]
        before, after = (
            spec.say(value, money=money) if shown(spec, value) else "not known"
            for value in (step.before, step.after)
        )
        if before != after:
            rows.append((spec.label, before, after))
    return rows


def _least(subject: Subject, asked: Facts, text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        below = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        below = 0.0
    if not 0 < below < 1:
        return {"wrong": f"The risk to get below is a percentage from 1 to 99, not {text[:20]!r}."}
    found = subject.smallest_change(asked, below=below)
    if found is None:
        return {"below": percent(below, 0), "nothing": True}
    there = subject.changed(asked)
    moved = steps(there, found.judged.facts, found.changes)
    return {
        "below": percent(below, 0),
        "already": not found.changes,
        "how": last_order_in_words(subject, found.judged.facts, already=there),
        "changes": _told([step for step in moved if step.asked]),
        "followed": _told([step for step in moved if not step.asked]),
        "said": _said(subject, found.judged),
    }


def _against(subject: Subject, facts: Facts, said: str) -> dict[str, Any] | None:
    if not said:
        return None
    found = _found(said)
    if isinstance(found, str):
        return {"wrong": found}
    try:
        other = subject_of(found)
    except NothingToExplain as nothing:
        return {"wrong": str(nothing)}
    gaps = compare(subject.model, facts, other.facts)
    rows = [{"label": _gap(g.feature, g.mine, g.theirs), "effect": g.effect} for g in gaps]
    rest = sum(gap.effect for gap in gaps[DIFFERENCES:])
    rows = rows[:DIFFERENCES]
    if abs(rest) > FAINT:
        rows.append({"label": "everything else together", "effect": rest})
    return {"customer": other.customer, "said": _said(other, other.judged()), "gaps": rows}


def _found(said: str) -> Customer | str:
    """Who has this id, or is the one whom the search would find; else why nobody is."""
    if known := customer_known_as(said):
        return known
    some = list(Customer.objects.present().named().found_by(said).order_by("pk")[: NAMED + 1])
    if not some:
        return f"There is no customer {said[:160]!r}."
    if len(some) == 1:
        return some[0]
    names = ", ".join(f"{one.called} ({one.external_id})" for one in some[:NAMED])
    more = " and others" if len(some) > NAMED else ""
    return f"{said[:160]!r} finds several customers: {names}{more}. Say more of it, or the id."


def _gap(name: str, mine: float, theirs: float) -> str:
    spec = SPECS[name]
    here, there = (
        spec.say(value, money=money) if shown(spec, value) else "not known"
        for value in (mine, theirs)
    )
    return f"{spec.label}: {here} here, {there} there"


def _in_words(refusal: str) -> str:
    """The names of facts as they stand on the page."""
    for name in sorted(SPECS, key=len, reverse=True):
        refusal = refusal.replace(name, f"“{SPECS[name].label}”")
    return refusal
