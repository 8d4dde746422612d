"""The pages that show several apps at once: home, and all we know of one customer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def home_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Who is leaving, what is at stake, what runs, what is stale, what failed."""
    return TemplateResponse(request, "admin/home.html", context)


def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: risk with its reasons, value, segments, what they may like, coupons, timeline."""
    return TemplateResponse(request, "admin/customer.html", {"pk": pk})
