"""A parameter in the address that an endpoint does not know is refused, not passed over.

`?pagesize=5` would answer fifty rows as if it had been understood. What an endpoint knows is what
its schema says, so nothing is listed twice and no endpoint is forgotten.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from drf_spectacular.generators import SchemaGenerator

LONGEST_SHOWN = 40


class KnownParametersMiddleware:
    """400 that names the parameter, and those that there are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not request.GET or not hasattr(view, "cls") or request.resolver_match is None:
            return
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        known = known_parameters(request.resolver_match.route, view).get(method)
        unknown = [] if known is None else [name for name in request.GET if name not in known]
        if unknown:
            there = f"There are: {', '.join(known)}." if known else "There are none here."
            raise BadRequest(f"There is no parameter {unknown[0][:LONGEST_SHOWN]!r}. {there}")


@cache
def known_parameters(route: str, view: Any) -> dict[str, list[str]]:
    """By method, those that the schema names; nothing of a method or view outside the schema."""
    alone = SchemaGenerator(patterns=[path(route, view)])  # type: ignore[no-untyped-call]
    paths = alone.get_schema(public=True)["paths"]  # type: ignore[no-untyped-call]
    return {
        method: [one["name"] for one in said.get("parameters", []) if one["in"] == "query"]
        for methods in paths.values()
        for method, said in methods.items()
    }
