"""How far customers came: each step and each loss opens its customers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from retention.insights.analysis.funnel import PERIODS, Funnel, Step, funnel
from retention.insights.analysis.ordering import Found
from retention.insights.analysis.telling import told_funnel
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.present.groups import HIDDEN_CELL, at_least_few
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number, percent

from .analysis import SECONDS, chosen
from .behind import VIEW_SEGMENT, url_of
from .pages import page_of

SENT = {"viewed": "views", "carted": "carts"}


@dataclass(frozen=True)
class Line:
    """A step in words. count : for its bar, None where it is not told."""

    label: str
    count: int | None
    reached: str
    url: str
    of_before: str = ""
    of_all: str = ""
    lost: str = ""
    lost_url: str = ""


@permission_required(VIEW_SEGMENT, raise_exception=True)
def funnel_page(request: HttpRequest) -> HttpResponse:
    may_open, at = request.user.has_perm(VIEW_CUSTOMER), known_until(timezone.now())
    days = chosen(request.GET if may_open else QueryDict(), "days", PERIODS)
    shown: dict[str, Any] = {"as_of": at, "days": days, "periods": PERIODS, "may_open": may_open}
    try:
        with within(SECONDS):
            told = funnel(at=at, days=days)
    except TookTooLong as refused:
        messages.error(request, str(refused))
    else:
        around = told.past_it
        shown |= {
            "lines": _lines(told, may_open=may_open),
            "seen": told.steps[0].reached.count,
            "missing": " and ".join(SENT[step] for step in told.missing),
            "past_it": at_least_few(around.count, may_open) if around and around.count else "",
            "past_it_url": _url(around, "Ordered without the steps before", days, may_open),
            "most": _most(told) if may_open else "",
        }
    return page_of(request, "analysis/funnel", "How far they come", **shown)


def _lines(told: Funnel, *, may_open: bool) -> list[Line]:
    counts = [step.reached.count for step in told.steps]
    may = told_funnel(told)
    return [
        _line(
            step,
            counts[0],
            counts[i - 1] if i else None,
            told=may_open or may[i][0],
            both=may_open or may[i][1],
            url=_url(step.reached, step.label, told.days, may_open),
            lost_url=_url(step.lost, f"Not: {step.label.lower()}", told.days, may_open),
        )
        for i, step in enumerate(told.steps)
    ]


def _line(
    step: Step, whole: int, before: int | None, *, told: bool, both: bool, url: str, lost_url: str
) -> Line:
    count = step.reached.count
    if step.lost is None or before is None:
        return Line(step.label, count if told else None, _count(count, told=told), url)
    return Line(
        step.label,
        count if told else None,
        _count(count, told=told),
        url,
        of_before=percent(count / before, 0) if both and before else "–",
        of_all=percent(count / whole, 0) if told and whole else "–",
        lost=_count(step.lost.count, told=both),
        lost_url=lost_url,
    )


def _count(count: int, *, told: bool) -> str:
    return number(count) if told else HIDDEN_CELL


def _url(found: Found | None, name: str, days: int, may_open: bool) -> str:
    if found is None or not found.count or not may_open:
        return ""
    return url_of(found.rule, f"{name}, last {days} days")


def _most(told: Funnel) -> str:
    """Where the greatest share is lost, in words."""
    steps = [(a, b) for a, b in pairwise(told.steps) if a.reached.count]
    if not steps:
        return ""
    before, after = min(steps, key=lambda two: two[1].reached.count / two[0].reached.count)
    share = percent(1 - after.reached.count / before.reached.count, 0)
    return f"The most are lost between “{before.label}” and “{after.label}”: {share}."
