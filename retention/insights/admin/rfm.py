"""RFM at a glance: the grid, how many had each name month by month, and who moved between them."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.timezone import localdate

from retention.insights.models.rfm import LABELS
from retention.insights.months import MONTHS
from retention.insights.rfm import BANDS, RECENCIES, Grid, GridCell, Months, rfm_grid, rfm_months
from retention.insights.rfm_told import Told, told_rfm
from retention.present.groups import FOOTNOTE
from retention.present.lists import VIEW_CUSTOMER

from .behind import VIEW_SEGMENT, url_of
from .crossing import Row, crossed
from .pages import page_of

RECENCY = {1: "longest ago", 5: "latest"}


@permission_required(VIEW_SEGMENT, raise_exception=True)
def rfm_page(request: HttpRequest) -> HttpResponse:
    """Who may look customers up is told every number; nobody else is told a small group, not even
    by what the others leave over."""
    may_open = request.user.has_perm(VIEW_CUSTOMER)
    grid, months = rfm_grid(), rfm_months()
    told = None if may_open else told_rfm(grid, months)
    rows = _grid_rows(grid, told.grid if told else None)
    shown: dict[str, Any] = {
        "grid": grid,
        "customers": rows[-1].total,
        "heads": [(recency, RECENCY.get(recency, "")) for recency in RECENCIES],
        "rows": rows,
        "may_open": may_open,
        "footnote": "" if may_open else FOOTNOTE,
    }
    if months.months:
        # Whoever may not look customers up chooses nothing: two answers could be subtracted.
        asked = request.GET if may_open else QueryDict()
        shown |= _by_month(months, told.by_month if told else None)
        shown |= _moved(asked, months, told.movement if told else None)
    return page_of(request, "segment/rfm", "RFM", **shown)


def _grid_rows(grid: Grid, told: Told | None) -> list[Row]:
    counts = [[cell.count for cell in row] for row in grid.rows]
    urls = [[_grid_url(cell) for cell in row] for row in grid.rows]
    names = [[LABELS[cell.name] for cell in row] for row in grid.rows]
    labels = [_band(*band) for band in BANDS]
    return crossed(labels, counts, urls, told=told, names=names)


def _band(worth_from: float, worth_to: float) -> str:
    return f"{worth_from:g}" if worth_from == worth_to else f"{worth_from:g} to {worth_to:g}"


def _grid_url(cell: GridCell) -> str:
    scores = {"is": "rfm", "recency": [str(cell.recency)]}
    bounds = {"at_least": cell.worth_from, "at_most": cell.worth_to}
    name = f"{LABELS[cell.name]}, recency {cell.recency}, {_band(cell.worth_from, cell.worth_to)}"
    return url_of(scores | bounds, name)


def _by_month(months: Months, told: Told | None) -> dict[str, Any]:
    sizes = months.sizes()
    names = list(LABELS)[:-1]
    backs = range(MONTHS - 1, -1, -1)
    urls = [[url_of(_was(name, back), LABELS[name]) for back in backs] for name in names]
    labels = [LABELS[name] for name in names]
    return {
        "months": [*(f"{day:%b %y}" for day in _days(months)[:-1]), "now"],
        "by_month": crossed(labels, sizes, urls, told=told, rows_add_up=False),
    }


def _moved(asked: QueryDict, months: Months, told: Told | None) -> dict[str, Any]:
    earlier = _back(asked, "earlier", 1, least=1)
    later = _back(asked, "later", 0, least=0, most=earlier - 1)
    movement = months.movement(earlier=earlier, later=later)
    urls = [
        [
            url_of(
                {"all": [_was(was, earlier), _was(now, later)]},
                f"From {LABELS[was].lower()} to {LABELS[now].lower()}",
            )
            for now in movement.now
        ]
        for was in movement.was
    ]
    labels, days = [LABELS[was] for was in movement.was], _days(months)
    return {
        "movement": crossed(labels, movement.counts, urls, told=told),
        "nows": [LABELS[now] for now in movement.now],
        "choices": [(back, days[-1 - back]) for back in range(MONTHS)],
        "earlier": earlier,
        "later": later,
        "was_on": days[-1 - earlier],
        "is_on": days[-1 - later],
    }


def _days(months: Months) -> list[date]:
    """By the shop's own calendar."""
    return [localdate(moment) for moment in months.months]


def _was(name: str, back: int) -> dict[str, Any]:
    return {"is": "rfm_name", "names": [name], "months": back}


def _back(asked: QueryDict, name: str, usual: int, *, least: int, most: int = 11) -> int:
    said = asked.get(name, "")
    return min(max(int(said), least), most) if said.isdecimal() and len(said) < 3 else usual
