"""Which categories go together: the map, and the customers behind each pair."""

from collections import Counter
from math import log
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from catalog.services.grow import SEPARATOR
from retention.insights.analysis.affinity import AffinityMap, Pair, affinity_map
from retention.insights.analysis.funnel import PERIODS
from retention.insights.analysis.telling import pair_counts, told_pair, told_pair_table
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.present import charts
from retention.present.groups import FOOTNOTE, HIDDEN_CELL, at_least_few
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number

from .analysis import SECONDS, chosen
from .behind import VIEW_SEGMENT, url_of
from .crossing import Row, crossed
from .pages import page_of

LISTED = 10
WITHIN_CHANCE = "·"


@permission_required(VIEW_SEGMENT, raise_exception=True)
def affinity_page(request: HttpRequest) -> HttpResponse:
    may_open, at = request.user.has_perm(VIEW_CUSTOMER), known_until(timezone.now())
    days = chosen(request.GET if may_open else QueryDict(), "days", PERIODS, usual=365)
    said = request.GET.get("level", "")
    shown: dict[str, Any] = {"as_of": at, "days": days, "periods": PERIODS, "may_open": may_open}
    try:
        with within(SECONDS):
            told = affinity_map(at=at, days=days, level=int(said) if said in {"1", "2", "3"} else 0)
    except TookTooLong as refused:
        messages.error(request, str(refused))
    else:
        shown |= {"levels": told.levels, "level": told.level, "people": told.people}
        if told.pairs:
            shown |= _of(told, _asked(request, told), may_open=may_open)
    return page_of(request, "analysis/affinity", "What goes together", **shown)


def _of(told: AffinityMap, pair: Pair, *, may_open: bool) -> dict[str, Any]:
    names = _names(told.categories)
    beyond = [one for one in _ranked(told) if one.is_beyond_chance]
    return {
        "map": _map(told, names, may_open=may_open),
        "beyond": [_listed(one, names, may_open=may_open) for one in beyond[:LISTED]],
        "counted": len(told.pairs),
        "pair": _listed(pair, names, may_open=may_open),
        "pair_heads": [f"bought {names[pair.second]}", "did not"],
        "pair_rows": _table(pair, names, may_open=may_open),
        "footnote": "" if may_open else FOOTNOTE,
    }


def _names(categories: list[str]) -> dict[str, str]:
    """The last part of each path, or all of it where two end alike."""
    end = {path: path.rpartition(SEPARATOR)[2] for path in categories}
    often = Counter(end.values())
    return {path: last if often[last] == 1 else path for path, last in end.items()}


def _ranked(told: AffinityMap) -> list[Pair]:
    """The farthest from chance first, whichever way."""
    known = [one for one in told.pairs if one.lift]
    return sorted(known, key=lambda one: -_distance(one))


def _distance(pair: Pair) -> float:
    return abs(log(max(pair.lift.value, 0.01))) if pair.lift else 0.0


def _asked(request: HttpRequest, told: AffinityMap) -> Pair:
    """The pair that was clicked; without, the one farthest from chance."""
    asked = {request.GET.get("a", ""), request.GET.get("b", "")}
    for pair in told.pairs:
        if {pair.first, pair.second} == asked:
            return pair
    ranked = _ranked(told) or told.pairs
    return next((one for one in ranked if one.is_beyond_chance), ranked[0])


def _map(told: AffinityMap, names: dict[str, str], *, may_open: bool) -> str:
    pairs = {frozenset((one.first, one.second)): one for one in told.pairs}
    beyond = [one.lift.value for one in told.pairs if one.lift and one.is_beyond_chance]
    return charts.heat_map(
        [names[path] for path in told.categories],
        [names[path] for path in told.categories],
        [
            [
                None
                if row == column
                else _crossing(pairs[frozenset((row, column))], names, told, may_open=may_open)
                for column in told.categories
            ]
            for row in told.categories
        ],
        title="How much more often than by chance the same customers buy from two categories",
        scale=(0.0, log(max([1.5, *beyond]))),
        row_notes=[at_least_few(found.count, may_open) for found in told.buyers],
    )


def _crossing(
    pair: Pair, names: dict[str, str], told: AffinityMap, *, may_open: bool
) -> charts.Cell:
    what = f"{names[pair.first]} and {names[pair.second]}"
    asked = {"days": told.days, "level": told.level, "a": pair.first, "b": pair.second}
    url = f"?{urlencode(asked)}#pair"
    if not (may_open or told_pair(pair)):
        return charts.Cell(0, HIDDEN_CELL, f"{what}: {HIDDEN_CELL}", url)
    if pair.lift is None or not pair.is_beyond_chance:
        return charts.Cell(0, WITHIN_CHANCE, f"{what}: {lift_of(pair)}, within chance", url)
    return charts.Cell(
        log(max(pair.lift.value, 1.0)),
        f"{pair.lift.value:.2f}×",
        f"{what}: {lift_of(pair)}, {number(pair.both.count)} customers",
        url,
    )


def lift_of(pair: Pair) -> str:
    """The lift with its interval, in words."""
    if pair.lift is None:
        return "not known"
    low, high = pair.lift.low, pair.lift.high
    # Beyond chance by a thousandth is not to read as an interval that holds 1.00.
    digits = 3 if pair.is_beyond_chance and "1.00" in {f"{low:.2f}", f"{high:.2f}"} else 2
    return f"{pair.lift.value:.2f}× ({low:.{digits}f} to {high:.{digits}f})"


def _listed(pair: Pair, names: dict[str, str], *, may_open: bool) -> dict[str, Any]:
    may = may_open or told_pair(pair)
    first, second = names[pair.first], names[pair.second]
    groups = (
        (pair.both, f"Bought {first} and {second}"),
        (pair.only_first, f"Bought {first}, not {second}"),
        (pair.only_second, f"Bought {second}, not {first}"),
    )
    return {
        "first": first,
        "second": second,
        "lift": lift_of(pair) if may else HIDDEN_CELL,
        "is_beyond": pair.is_beyond_chance,
        "is_more": bool(pair.lift and pair.lift.value > 1),
        "groups": [
            (
                number(found.count) if may else HIDDEN_CELL,
                url_of(found.rule, name) if may_open and found.count else "",
            )
            for found, name in groups
        ],
    }


def _table(pair: Pair, names: dict[str, str], *, may_open: bool) -> list[Row]:
    first, second = names[pair.first], names[pair.second]
    return crossed(
        [f"bought {first}", "did not"],
        pair_counts(pair),
        [
            [
                url_of(pair.both.rule, f"Bought {first} and {second}"),
                url_of(pair.only_first.rule, f"Bought {first}, not {second}"),
            ],
            [
                url_of(pair.only_second.rule, f"Bought {second}, not {first}"),
                url_of(pair.neither.rule, f"Bought neither {first} nor {second}"),
            ],
        ],
        told=None if may_open else told_pair_table(pair),
    )
