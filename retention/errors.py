"""Errors outside any view: a page for people, problem+json for programs."""

import json
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults

from retention.access.api import problem_body

API = "/api/"
NOTHING = "There is nothing at this address. Mind the slash at its end."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    # What else is suspicious names our settings; only what was written to be read is shown.
    detail = str(exception) if isinstance(exception, BadRequest) else "This request is malformed."
    return _problem(400, "Bad request", detail)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.permission_denied(request, exception)
    return _problem(403, "Not allowed", str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.page_not_found(request, exception)
    said = exception.args[0] if isinstance(exception, Http404) and exception.args else ""
    detail = said if isinstance(said, str) and said else NOTHING
    return _problem(404, "Not found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return _problem(
        500, "That went wrong", "It was not your fault. Try again; the server's log says more."
    )


def _problem(status: int, title: str, detail: str) -> HttpResponse:
    body: dict[str, Any] = problem_body(status, title, detail)
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
