"""Errors as application/problem+json (RFC 9457): one shape, whatever went wrong."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class Problem(Exception):
    """A refusal the client is meant to read: what is wrong, with what value, and the way out."""

    def __init__(self, status: int, title: str, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or title)
        self.status, self.title, self.detail, self.extra = status, title, detail, extra


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error raised in a view; None for a bug, which is left to crash."""
    from rest_framework.views import set_rollback  # Imports the settings, which name this module.

    set_rollback()
    if request := context.get("request"):
        # Also where the client asked for something else, as for the schema in YAML.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    match error:
        case Problem():
            return _answer(error.status, error.title, error.detail, error.extra)
        case Http404():
            return _answer(404, "Not found", str(error) or "There is nothing here.")
        case PermissionDenied():
            return _answer(403, "Not allowed", str(error))
        case NotAuthenticated():
            response = _answer(401, "Not signed in", "Send a key: Authorization: Bearer rk_...")
            response["WWW-Authenticate"] = str(getattr(error, "auth_header", "Bearer"))
            return response
        case APIException():
            response = _answer(*_parts(error))
            for header, value in (
                ("WWW-Authenticate", getattr(error, "auth_header", None)),
                ("Retry-After", getattr(error, "wait", None)),
            ):
                if value:
                    response[header] = str(value)
            return response
    return None


def _parts(error: APIException) -> tuple[int, str, str, dict[str, Any]]:
    title = HTTPStatus(error.status_code).phrase
    if isinstance(error.detail, str):
        return error.status_code, title, error.detail, {}
    return error.status_code, title, "Some fields are wrong.", {"errors": error.detail}


def _answer(status: int, title: str, detail: str, extra: dict[str, Any] | None = None) -> Response:
    body = problem_body(status, title, detail) | (extra or {})
    return Response(body, status=status, content_type="application/problem+json")


def problem_body(status: int, title: str, detail: str) -> dict[str, Any]:
    """The four fields that every problem has."""
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}
