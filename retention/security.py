"""What holds for every request and answer, whoever serves it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


class ContentSecurityPolicyMiddleware:
    """No script, style, image or request from anywhere but here, and nothing inline."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        return response


class NoNulMiddleware:
    """No parameter holds NUL: no row holds it, and PostgreSQL fails where it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("A parameter holds a NUL character. Remove it.")
        return self.get_response(request)


class SlashMiddleware(CommonMiddleware):
    """Sends a reader on to the address with its slash; a writer is told, for a redirect loses what
    was sent."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        is_reading = request.method in {"GET", "HEAD"}
        return is_reading and super().should_redirect_with_slash(request)
