from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from .problems import Problem


class NewestFirst(CursorPagination):
    """Cursor pages, newest row first: the cost of a page does not grow with its depth.

    Problem 400 for a limit that is none and 404 for a cursor that is none, so that a client's
    mistake does not pass for the first page.
    """

    ordering = "-pk"
    page_size = 50
    max_page_size = 500
    page_size_query_param = "limit"
    cursor_query_description = "Where the page begins, as `next` and `previous` say it."
    page_size_query_description = "Rows in a page."

    def get_page_size(self, request: Request) -> int:
        said = request.query_params.get(self.page_size_query_param)
        if said is None:
            return self.page_size
        size = int(said) if _is_key(said) else 0
        if not 1 <= size <= self.max_page_size:
            raise Problem(
                400,
                "Bad limit",
                f"limit {said[:40]!r}: expected a whole number from 1 to {self.max_page_size}.",
            )
        return size

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _no_page() from None
        # A made-up cursor may hold anything, and a position is compared with a primary key.
        if cursor and cursor.position is not None and not _is_key(str(cursor.position)):
            raise _no_page()
        return cursor

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                }
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        link = {"type": ["string", "null"], "format": "uri"}
        page["properties"] |= {"next": link, "previous": link}
        return page | {"required": ["next", "previous", "results"]}


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _no_page() -> Problem:
    return Problem(404, "Bad cursor", "Take the cursor from `next` or `previous` of a page.")
