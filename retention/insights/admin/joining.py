"""Who comes into a segment: the tree as a picture, its ends as segments, and learning it anew."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from retention.insights.definition import current_definition
from retention.insights.joining_words import NodeSaid, is_stale, nodes, verdict
from retention.insights.models import Segment, SegmentJoining
from retention.insights.models.joining import LONGEST, SHORTEST
from retention.insights.refreshing import ask_who_joins
from retention.insights.services.define_segment import LONGEST_NAME
from retention.jobs.admin.words import under_way
from retention.present import charts
from retention.present.templatetags.present import NOTHING, number, percent

COLUMNS = [
    ("Who they are", ""),
    ("Joined", "number"),
    ("95 % interval", "number"),
    ("Such customers now", "number"),
    ("", ""),
]


@permission_required(("insights.view_segment", "customers.view_customer"), raise_exception=True)
def joining_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what was learned; POST has it learned, so many days ahead."""
    segment = get_object_or_404(Segment, pk=pk)
    joining = SegmentJoining.objects.filter(segment=segment).select_related("segment").first()
    if request.method == "POST":
        return _asked(request, segment)
    shown: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Segment._meta,
        "title": f"Who joins {segment}",
        "segment": segment,
        "joining": joining,
        "work": under_way(request, "insights.who_joins", segment_id=segment.pk),
        "days": joining.horizon_days if joining else current_definition().horizon_days,
        "shortest": SHORTEST,
        "longest": LONGEST,
    }
    if joining:
        shown |= {"verdict": verdict(joining), "is_stale": is_stale(joining)}
    if joining and joining.quality.get("tells"):
        shown |= _picture(joining, may_add=request.user.has_perm("insights.add_segment"))
    return TemplateResponse(request, "admin/segment/joining.html", shown)


def _asked(request: HttpRequest, segment: Segment) -> HttpResponse:
    if not request.user.has_perm("insights.change_segment"):
        raise PermissionDenied
    typed = request.POST.get("days", "")
    days = int(typed) if typed.isdecimal() and len(typed) < 5 else 0
    if not SHORTEST <= days <= LONGEST:
        messages.error(request, f"{typed!r:.20}: give {SHORTEST} to {LONGEST} days.")
        return redirect("admin:segment_joining", segment.pk)
    who = request.user.get_username()
    ask_who_joins(segment, days=days, at=timezone.now(), asked_by=who)
    return redirect("admin:segment_joining", segment.pk)


def _picture(joining: SegmentJoining, *, may_add: bool) -> dict[str, Any]:
    told, may = nodes(joining), joining if may_add else None
    most = max((one.joined.value for one in told if one.joined), default=0) or 1
    ends = sorted(
        (one for one in told if one.is_leaf),
        key=lambda one: one.joined.value if one.joined else -1,
        reverse=True,
    )
    return {
        "tree": charts.tree(
            _node(told, 0, most=most, joining=may),
            title=f"Who joins {joining.segment} within {joining.horizon_days} days",
            desc="From left to right; each box says how its customers differ from those before.",
        ),
        "outline": [(one, _depth(told, one), _segment_url(one, may)) for one in told],
        "columns": COLUMNS,
        "ends": [_row(one, may) for one in ends],
    }


def _depth(told: list[NodeSaid], one: NodeSaid) -> int:
    return 0 if one.above is None else 1 + _depth(told, told[one.above])


def _node(
    told: list[NodeSaid], place: int, *, most: float, joining: SegmentJoining | None
) -> charts.TreeNode:
    one = told[place]
    under = [below.place for below in told if below.above == place]
    return charts.TreeNode(
        words=one.words,
        note=one.note,
        share=one.joined.value / most if one.joined else None,
        url=_segment_url(one, joining),
        under=[_node(told, below, most=most, joining=joining) for below in under],
    )


def _row(one: NodeSaid, joining: SegmentJoining | None) -> list[str | SafeString]:
    share = one.joined
    url = _segment_url(one, joining)
    link = format_html('<a class="button compact" href="{}">Make a segment</a>', url)
    return [
        f"{one.said[0].upper()}{one.said[1:]}",
        f"{percent(share.value)} of {one.n:,}" if share else f"of {number(one.n)}",
        f"{percent(share.low)} to {percent(share.high)}" if share else NOTHING,
        number(one.now),
        link if url else "",
    ]


def _segment_url(one: NodeSaid, joining: SegmentJoining | None) -> str:
    """The editor with the rule of a node; "" where there is none, or nobody may make it."""
    if joining is None or one.rule is None or one.place == 0:
        return ""
    name = f"About to join {joining.segment}: {one.words}"[:LONGEST_NAME]
    said = urlencode({"rule": json.dumps(one.rule), "name": name})
    return f"{reverse('admin:insights_segment_add')}?{said}"
