from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Cursor pages, newest row first: the cost of a page does not grow with its depth."""

    ordering = "-pk"
    page_size = 50
    max_page_size = 500
    page_size_query_param = "limit"

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        # A made-up cursor may hold anything, and a position is compared with a primary key.
        if cursor and cursor.position is not None and not _is_key(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


def _is_key(position: str) -> bool:
    return position.isascii() and position.isdecimal() and len(position) < 19
