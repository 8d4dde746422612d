"""A page of its own beside the lists: with the frame of the admin, under Segments."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from retention.insights.models import Segment


def page_of(request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
    """template : below admin/, without its ending."""
    context = admin.site.each_context(request) | {"opts": Segment._meta, "title": title} | shown
    return TemplateResponse(request, f"admin/{template}.html", context)
