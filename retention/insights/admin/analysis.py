"""Behaviour: who comes back. Every figure opens its customers, for who may see them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from retention.insights.analysis.ordering import (
    MONTHS,
    QUIET,
    Cohort,
    Cohorts,
    Found,
    Histories,
    LifeMonth,
)
from retention.insights.analysis.telling import told_cohorts, told_months
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.present import charts
from retention.present.groups import FOOTNOTE, HIDDEN_CELL
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number, percent

from .behind import VIEW_SEGMENT, url_of
from .crossing import Cell, Row
from .pages import page_of

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
        shown |= _lifecycle(life, told_months(life, cohorts), may_open=may_open)
        shown |= {"footnote": "" if may_open else FOOTNOTE}
    return page_of(request, "analysis/cohorts", "Who comes back", **shown)


def chosen(asked: QueryDict, name: str, choices: tuple[int, ...], usual: int = 0) -> int:
    """What was chosen of some numbers; the usual one, or the first, where it is none of them."""
    said = asked.get(name, "")
    known = {str(one): one for one in choices}
    return known.get(said, usual or choices[0])


def _cohorts(cohorts: Cohorts, *, may_open: bool) -> str:
    told, _ = told_cohorts(cohorts)
    known = [one for one in cohorts.cohorts if one.size]
    shares = [n.count / one.size for one in known for n in one.ordered[1:]]
    return charts.heat_map(
        [f"{one.month:%b %Y}" for one in known],
        ["New", *(f"+{since}" for since in range(1, len(cohorts.cohorts)))],
        [
            [
                _crossing(one, since, told=may_open or told[i][since], may_open=may_open)
                for since in range(len(one.ordered))
            ]
            for i, one in enumerate(cohorts.cohorts)
            if one.size
        ],
        title="Share of each month's new customers who ordered again, by months since",
        scale=(0, max(shares, default=0) or 1),
        empty="Nobody has ordered in these months.",
    )


def _crossing(cohort: Cohort, since: int, *, told: bool, may_open: bool) -> charts.Cell:
    size, found = cohort.size, cohort.ordered[since]
    share = found.count / size
    shown = number(size) if since == 0 else percent(share, 0)
    after = "" if since == 0 else f", {since} month{'' if since == 1 else 's'} later"
    name = f"First ordered in {cohort.month:%B %Y}{after}"
    of = "" if since == 0 else f" of {number(size)}"
    return charts.Cell(
        share if since and told else 0,
        shown if told else HIDDEN_CELL,
        f"{name}: {number(found.count)}{of}" if told else f"{name}: {HIDDEN_CELL}",
        url_of(found.rule, name) if may_open and found.count else "",
    )


def _lifecycle(life: list[LifeMonth], may: list[bool], *, may_open: bool) -> dict[str, Any]:
    told = [may_open or it for it in may]
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
