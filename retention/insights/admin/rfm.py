"""RFM at a glance: the grid, how many had each name month by month, and who moved between them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from retention.insights.conditions.asking import TookTooLong, customers_of, within
from retention.insights.conditions.tree import NotSound, read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import Segment
from retention.insights.models.rfm import LABELS
from retention.insights.months import MONTHS
from retention.insights.rfm import BANDS, RECENCIES, Grid, GridCell, Months, rfm_grid
from retention.present.charts.grids import shade
from retention.present.groups import (
    FOOTNOTE,
    HIDDEN,
    HIDDEN_CELL,
    at_least_few,
    is_told,
    told_cells,
)
from retention.present.templatetags.present import number

from .segment_editor import rule_in

VIEW_SEGMENT, VIEW_CUSTOMER = "insights.view_segment", "customers.view_customer"
RECENCY = {1: "longest ago", 5: "latest"}
LISTED = 200
SECONDS = 10.0


@dataclass(frozen=True)
class Cell:
    """One crossing. depth : its shade, 0 to 9; url : the customers behind it, for who may
    see them."""

    count: str
    depth: int | None = None
    name: str = ""
    url: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Cell]
    total: str = ""


@permission_required(VIEW_SEGMENT, raise_exception=True)
def rfm_page(request: HttpRequest) -> HttpResponse:
    """Who may not see customers is told no small group, not even by what the sums leave over."""
    may_open = request.user.has_perm(VIEW_CUSTOMER)
    grid, months = rfm_grid(), Months()
    shown: dict[str, Any] = {
        "grid": grid,
        "heads": [(recency, RECENCY.get(recency, "")) for recency in RECENCIES],
        "rows": _grid_rows(grid, may_open=may_open),
        "footnote": "" if may_open else FOOTNOTE,
    }
    if months.months:
        shown |= _by_month(months, may_open=may_open) | _moved(request, months, may_open=may_open)
    return _page(request, "rfm", "RFM", **shown)


@permission_required((VIEW_SEGMENT, VIEW_CUSTOMER), raise_exception=True)
def rfm_customers_page(request: HttpRequest) -> HttpResponse:
    """The customers of a cell, which is a rule: so it can become a segment as it stands."""
    try:
        rule = read_rule(rule_in(request.GET.get("rule", "")))
    except NotSound as refused:
        raise Http404(str(refused)) from None
    found = customers_of(rule, at=timezone.now()).order_by("-last_seen_at", "-pk")
    shown = {"words": in_words(rule), "listed": LISTED, "asked": request.GET.urlencode()}
    try:
        with within(SECONDS):
            shown |= {"count": found.count(), "customers": list(found[:LISTED])}
    except TookTooLong as refused:
        messages.error(request, str(refused))
        return redirect("admin:rfm")
    return _page(request, "rfm_customers", request.GET.get("name", "")[:100] or "Them", **shown)


def _grid_rows(grid: Grid, *, may_open: bool) -> list[Row]:
    counts = [[cell.count for cell in row] for row in grid.rows]
    urls = [[_grid_url(cell) for cell in row] for row in grid.rows]
    names = [[LABELS[cell.name] for cell in row] for row in grid.rows]
    labels = [_band(*band) for band in BANDS]
    return _rows(labels, counts, urls, may_open=may_open, names=names)


def _band(worth_from: float, worth_to: float) -> str:
    return f"{worth_from:g}" if worth_from == worth_to else f"{worth_from:g} to {worth_to:g}"


def _grid_url(cell: GridCell) -> str:
    scores = {"is": "rfm", "recency": [str(cell.recency)]}
    bounds = {"at_least": cell.worth_from, "at_most": cell.worth_to}
    name = f"{LABELS[cell.name]}, recency {cell.recency}, {_band(cell.worth_from, cell.worth_to)}"
    return _url(scores | bounds, name)


def _by_month(months: Months, *, may_open: bool) -> dict[str, Any]:
    sizes = months.sizes()
    names = list(LABELS)[:-1]
    backs = range(MONTHS - 1, -1, -1)
    urls = [[_url(_was(name, back), LABELS[name]) for back in backs] for name in names]
    labels = [LABELS[name] for name in names]
    return {
        "months": [*(f"{day:%b %y}" for day in _days(months)[:-1]), "now"],
        "by_month": _rows(labels, sizes, urls, may_open=may_open, rows_add_up=False),
    }


def _moved(request: HttpRequest, months: Months, *, may_open: bool) -> dict[str, Any]:
    earlier = _back(request, "earlier", 1, least=1)
    later = _back(request, "later", 0, least=0, most=earlier - 1)
    movement = months.movement(earlier=earlier, later=later)
    urls = [
        [
            _url(
                {"all": [_was(was, earlier), _was(now, later)]},
                f"From {LABELS[was].lower()} to {LABELS[now].lower()}",
            )
            for now in movement.now
        ]
        for was in movement.was
    ]
    labels, days = [LABELS[was] for was in movement.was], _days(months)
    return {
        "movement": _rows(labels, movement.counts, urls, may_open=may_open),
        "nows": [LABELS[now] for now in movement.now],
        "choices": [(back, days[-1 - back]) for back in range(MONTHS)],
        "earlier": earlier,
        "later": later,
        "was_on": days[-1 - earlier],
        "is_on": days[-1 - later],
    }


def _days(months: Months) -> list[date]:
    """By the shop's own calendar."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    return [moment.astimezone(zone).date() for moment in months.months]


def _was(name: str, back: int) -> dict[str, Any]:
    return {"is": "rfm_name", "names": [name], "months": back}


def _back(request: HttpRequest, name: str, usual: int, *, least: int, most: int = 11) -> int:
    said = request.GET.get(name, "")
    return min(max(int(said), least), most) if said.isdecimal() and len(said) < 3 else usual


def _rows(
    labels: Sequence[str],
    counts: list[list[int]],
    urls: list[list[str]],
    *,
    may_open: bool,
    names: list[list[str]] | None = None,
    rows_add_up: bool = True,
) -> list[Row]:
    """The rows of a table, and its sums."""
    told = [[is_told(n) for n in row] for row in counts] if may_open else told_cells(counts)
    top = max((n for row in counts for n in row), default=0)
    hidden = HIDDEN if may_open else HIDDEN_CELL
    rows = []
    for i, label in enumerate(labels):
        cells = [
            Cell(
                count=number(n) if told[i][j] else hidden,
                depth=shade(n, 0, top) if told[i][j] and n else 0,
                name=names[i][j] if names else "",
                url=urls[i][j] if may_open and n else "",
            )
            for j, n in enumerate(counts[i])
        ]
        rows.append(Row(label, cells, at_least_few(sum(counts[i])) if rows_add_up else ""))
    sums = [Cell(at_least_few(sum(column))) for column in zip(*counts, strict=True)]
    whole = at_least_few(sum(map(sum, counts))) if rows_add_up else ""
    return [*rows, Row("All", sums, whole)]


def _url(rule: dict[str, Any], name: str) -> str:
    said = urlencode({"rule": json.dumps(rule), "name": name})
    return f"{reverse('admin:rfm_customers')}?{said}"


def _page(request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
    context = admin.site.each_context(request) | {"opts": Segment._meta, "title": title} | shown
    return TemplateResponse(request, f"admin/segment/{template}.html", context)
