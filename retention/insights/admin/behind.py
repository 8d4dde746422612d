"""The customers behind a figure: whom its rule finds, who can become a segment as they are."""

import json
from typing import Any
from urllib.parse import urlencode

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
from retention.insights.selectors import known_until
from retention.present.lists import VIEW_CUSTOMER

from .segment_editor import rule_in

VIEW_SEGMENT = "insights.view_segment"
LISTED = 200
SECONDS = 10.0


def url_of(rule: dict[str, Any], name: str) -> str:
    """Where the customers of a rule are; name : what a segment of them would be called."""
    said = urlencode({"rule": json.dumps(rule), "name": name})
    return f"{reverse('admin:behind')}?{said}"


@permission_required((VIEW_SEGMENT, VIEW_CUSTOMER), raise_exception=True)
def behind_page(request: HttpRequest) -> HttpResponse:
    """Asked as of the moment that the figures are of."""
    try:
        rule = read_rule(rule_in(request.GET.get("rule", "")))
    except NotSound as refused:
        raise Http404(str(refused)) from None
    at = known_until(timezone.now())
    found = customers_of(rule, at=at).named().order_by("-last_seen_at", "-pk")
    shown = {"words": in_words(rule), "listed": LISTED, "asked": request.GET.urlencode()}
    try:
        with within(SECONDS):
            shown |= {
                "count": found.count(),
                "customers": list(found[:LISTED]),
            }
    except TookTooLong as refused:
        messages.error(request, str(refused))
        return redirect("admin:insights_segment_changelist")
    title = request.GET.get("name", "")[:100] or "Them"
    context = admin.site.each_context(request) | {"opts": Segment._meta, "title": title} | shown
    return TemplateResponse(request, "admin/segment/behind.html", context)
