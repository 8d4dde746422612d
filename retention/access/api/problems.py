"""Errors as application/problem+json (RFC 9457): one shape, whatever went wrong."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import APIException
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
    match error:
        case Problem():
            return _answer(error.status, error.title, error.detail, error.extra)
        case Http404():
            return _answer(404, "Not found", str(error) or "There is nothing here.")
        case PermissionDenied():
            return _answer(403, "Not allowed", str(error))
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
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(body | (extra or {}), status=status, content_type="application/problem+json")
