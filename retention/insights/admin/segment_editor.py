"""The editor of a segment's rule: a form that works as it is, and counts while one types."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone

from customers.models import Customer
from retention.insights.conditions.asking import (
    TookTooLong,
    about_count_of,
    count_of,
    customers_of,
    within,
)
from retention.insights.conditions.tree import Node, NotSound, written_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import Segment
from retention.insights.refreshing import ask_for_members
from retention.insights.selectors import known_until
from retention.insights.services.define_segment import (
    LONGEST_NAME,
    SegmentPlan,
    define_segment,
)
from retention.present.lists import VIEW_CUSTOMER
from retention.present.templatetags.present import number

from .segment_draft import ALL, Part, draft_of, edit, new_condition, read_draft, sent_draft
from .segment_parts import errors_of, shown_draft

SECONDS = 5.0
"""How long somebody who types waits for a count."""
SAMPLE = 5
FIRST = "orders"
LONGEST_DESCRIPTION = 1_000


@dataclass
class Draft:
    """A segment as it stands in the form."""

    name: str = ""
    description: str = ""
    root: Part = field(default_factory=lambda: Part(ALL, parts=[new_condition(FIRST)]).numbered())
    name_error: str = ""

    @classmethod
    def sent(cls, data: QueryDict) -> "Draft":
        description = data.get("description", "")[:LONGEST_DESCRIPTION]
        return cls(data.get("name", "")[: 2 * LONGEST_NAME], description, sent_draft(data))


def edit_page(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    """The form, what a button of it did, or the segment it became. segment : None for a new one."""
    if request.method != "POST":
        return _page(request, segment, _begun(request, segment))
    draft, did = Draft.sent(request.POST), request.POST.get("do", "")
    if did == "save":
        return _saved(request, segment, draft)
    seen = _edited(request, draft)
    return _page(request, segment, draft, seen=seen)


def parts_page(request: HttpRequest) -> HttpResponse:
    """The parts alone, after a button: for the script."""
    draft = Draft.sent(request.POST)
    seen = _edited(request, draft)
    return HttpResponse(
        render_to_string("admin/segment/parts.html", shown_draft(draft.root, seen=seen))
    )


def count_page(request: HttpRequest) -> JsonResponse:
    """How many the rule of a form finds, and what is wrong with it: for the script."""
    draft = Draft.sent(request.POST)
    found = _found(request, draft)
    html = render_to_string("admin/segment/found.html", found, request)
    return JsonResponse({"html": html, "errors": errors_of(draft.root)})


def _edited(request: HttpRequest, draft: Draft) -> Part | None:
    """Do what a button says; returns the part it made."""
    did = request.POST.get("do", "")
    if ":" not in did:
        return None
    inside = did.partition(":")[2]
    return edit(draft.root, did, of=request.POST.get(f"{inside}:new", ""))


def _begun(request: HttpRequest, segment: Segment | None) -> Draft:
    """What is stored; a new one may be told its rule and name by a link."""
    if segment is None and "rule" not in request.GET:
        return Draft()
    if segment:
        return Draft(segment.name, segment.description, draft_of(segment.rule))
    name = request.GET.get("name", "")[:LONGEST_NAME]
    return Draft(name, root=draft_of(rule_in(request.GET["rule"])))


def rule_in(address: str) -> Any:
    """The JSON in a link; None where it is none."""
    try:
        return json.loads(address)
    except (ValueError, RecursionError):
        return None


def _page(
    request: HttpRequest, segment: Segment | None, draft: Draft, *, seen: Part | None = None
) -> HttpResponse:
    found = _found(request, draft)
    shown = {
        **admin.site.each_context(request),
        **found,
        **shown_draft(draft.root, seen=seen),
        "opts": Segment._meta,
        "title": f"Change {segment}" if segment else "New segment",
        "segment": segment,
        "draft": draft,
        "longest_name": LONGEST_NAME,
        "longest_description": LONGEST_DESCRIPTION,
    }
    return TemplateResponse(request, "admin/segment/editor.html", shown)


def _found(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """Whom the rule finds, as far as this person may see it. Marks what is wrong."""
    if not any(part.fields for part in draft.root.walk()):
        return {"is_empty": True}
    rule = read_draft(draft.root)
    if rule is None:
        return {"wrong": len(errors_of(draft.root))}
    return {"words": in_words(rule)} | _asked(rule, may_see=request.user.has_perm(VIEW_CUSTOMER))


def _asked(rule: Node, *, may_see: bool) -> dict[str, Any]:
    as_of = known_until(timezone.now())
    try:
        if not may_see:
            about = about_count_of(rule, at=as_of, seconds=SECONDS)
            shown = f"about {number(about)}" if about else "fewer than 20"
            return {"shown": shown, "as_of": as_of}
        count = count_of(rule, at=as_of, seconds=SECONDS)
        return {"shown": number(count), "sample": _sample(rule, as_of), "as_of": as_of}
    except TookTooLong as refused:
        return {"too_long": str(refused)}


def _sample(rule: Node, as_of: Any) -> list[Customer]:
    """Some of them, those last seen first."""
    with within(SECONDS):
        found = customers_of(rule, at=as_of).named()
        return list(found.order_by("-last_seen_at", "-pk")[:SAMPLE])


def _saved(request: HttpRequest, segment: Segment | None, draft: Draft) -> HttpResponse:
    rule, at, who = read_draft(draft.root), timezone.now(), request.user.get_username()
    # An unsound rule is asked for too, so that what is wrong with the name is told beside it.
    plan = SegmentPlan(draft.name, written_rule(rule) if rule else None, draft.description)
    try:
        with transaction.atomic():
            made = define_segment(plan, by=who, at=at, segment=segment)
            ask_for_members(made, at=at, asked_by=who)
    except NotSound as refused:
        said = [wrong.words for wrong in refused.wrongs if wrong.place == "name"]
        draft.name_error = " ".join(said)
        return _page(request, segment, draft)
    messages.success(request, f"Saved: {made}. Its customers are being found.")
    return redirect("admin:insights_segment_change", made.pk)
