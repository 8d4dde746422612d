"""Behaviour: who comes back. Every figure opens its customers, for who may see them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone

from retention.insights.analysis.ordering import MONTHS, QUIET, Cohorts, Found, Histories, LifeMonth
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.models import Segment
from retention.insights.selectors import known_until
from retention.present import charts
from retention.present.groups import FOOTNOTE, HIDDEN_CELL, is_told, told_cells
from retention.present.templatetags.present import number, percent

from .behind import VIEW_CUSTOMER, VIEW_SEGMENT, url_of
from .crossing import Cell, Row

SECONDS = 30.0
LIFE = (
    ("new", "New", "s1"),
    ("returning", "Returning", "s3"),
    ("resurrected", "Resurrected", "s2"),
    ("dormant", "Dormant", "quiet"),
)


@permission_required(VIEW_SEGMENT, raise_exception=True)
def cohorts_page(request: HttpRequest) -> HttpResponse:
    """Cohorts by the month of the first order, and what each month's customers are."""
    may_open, at = request.user.has_perm(VIEW_CUSTOMER), known_until(timezone.now())
    # Whoever may not see customers chooses nothing: two answers could be subtracted.
    asked = request.GET if may_open else QueryDict()
    months, quiet = chosen(asked, "months", MONTHS), chosen(asked, "quiet", QUIET, usual=3)
    shown: dict[str, Any] = {"as_of": at, "months": months, "quiet": quiet, "may_open": may_open}
    shown |= {"month_choices": MONTHS, "quiet_choices": QUIET}
    try:
        with within(SECONDS):
            histories = Histories(at=at, months=months + 1)
    except TookTooLong as refused:
        messages.error(request, str(refused))
    else:
        cohorts, life = histories.cohorts(), histories.lifecycle(quiet=quiet)
        shown |= {"people": sum(histories.counted.values()), "again": cohorts.share_again(1)}
        shown |= {"cohorts": _cohorts(cohorts, may_open=may_open)}
        shown |= _lifecycle(life, may_open=may_open)
        shown |= {"footnote": "" if may_open else FOOTNOTE}
    return page_of(request, "cohorts", "Who comes back", **shown)


def chosen(asked: QueryDict, name: str, choices: tuple[int, ...], usual: int = 0) -> int:
    """What was chosen of some numbers; the usual one, or the first, where it is none of them."""
    said = asked.get(name, "")
    known = {str(one): one for one in choices}
    return known.get(said, usual or choices[0])


def page_of(request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
    context = admin.site.each_context(request) | {"opts": Segment._meta, "title": title} | shown
    return TemplateResponse(request, f"admin/analysis/{template}.html", context)


def _cohorts(cohorts: Cohorts, *, may_open: bool) -> str:
    told = _told(cohorts, may_open=may_open)
    known = [one for one in cohorts.cohorts if one.size]
    shares = [n.count / one.size for one in known for n in one.ordered[1:]]
    return charts.heat_map(
        [f"{one.month:%b %Y}" for one in known],
        ["New", *(f"+{since}" for since in range(1, len(cohorts.cohorts)))],
        [
            [
                _crossing(one.size, found, since, one.month, told=told[i][since], may_open=may_open)
                for since, found in enumerate(one.ordered)
            ]
            for i, one in enumerate(cohorts.cohorts)
            if one.size
        ],
        title="Share of each month's new customers who ordered again, by months since",
        scale=(0, max(shares, default=0) or 1),
        empty="Nobody has ordered in these months.",
    )


def _crossing(
    size: int, found: Found, since: int, month: Any, *, told: bool, may_open: bool
) -> charts.Cell:
    share = found.count / size
    shown = number(size) if since == 0 else percent(share, 0)
    after = "" if since == 0 else f", {since} month{'' if since == 1 else 's'} later"
    name = f"First ordered in {month:%B %Y}{after}"
    of = "" if since == 0 else f" of {number(size)}"
    return charts.Cell(
        share if since and told else 0,
        shown if told else HIDDEN_CELL,
        f"{name}: {number(found.count)}{of}" if told else f"{name}: {HIDDEN_CELL}",
        url_of(found.rule, name) if may_open and found.count else "",
    )


def _told(cohorts: Cohorts, *, may_open: bool) -> list[list[bool]]:
    """Of each cohort, by months since: what sums over a month's customers must not tell either."""
    count = len(cohorts.cohorts)
    if may_open:
        return [[True] * len(one.ordered) for one in cohorts.cohorts]
    by_month = [[0] * i + [n.count for n in one.ordered] for i, one in enumerate(cohorts.cohorts)]
    told = told_cells([cohorts.before, *by_month])[1:]
    sizes = [one.size for one in cohorts.cohorts]
    return [
        [
            told[i][month] and (month == i or is_told(sizes[i] - by_month[i][month]))
            for month in range(i, count)
        ]
        for i in range(count)
    ]


def _lifecycle(life: list[LifeMonth], *, may_open: bool) -> dict[str, Any]:
    told = [may_open or all(is_told(found.count) for _, found in _of(one)) for one in life]
    rows, series = [], []
    for name, label, tone in LIFE:
        cells, values, urls = [], [], []
        for one, is_shown in zip(life, told, strict=True):
            found = getattr(one, name)
            says = f"{label} in {one.month:%B %Y}"
            url = url_of(found.rule, says) if found and found.count and may_open else ""
            count = found.count if found and is_shown else 0
            cells.append(Cell(_words(found, is_shown=is_shown), url=url))
            values.append(-count if name == "dormant" else count)
            urls.append(url)
        rows.append(Row(label, cells))
        series.append(charts.Series(label, values, tone, urls=urls))
    labels = [f"{one.month:%b %y}" for one in life]
    bars = charts.stacked(labels, series, title="Customers of each month", width=960, height=260)
    return {"life_rows": rows, "life_heads": labels, "life_bars": bars}


def _words(found: Found | None, *, is_shown: bool) -> str:
    if found is None:
        return "–"
    return number(found.count) if is_shown else HIDDEN_CELL


def _of(one: LifeMonth) -> list[tuple[str, Found]]:
    return [(name, found) for name, _, _ in LIFE if (found := getattr(one, name))]
