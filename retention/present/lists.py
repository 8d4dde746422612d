"""What keeps an admin list quick at ten million rows."""

from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest

LONGEST_LIST = 10_000
M = TypeVar("M", bound=Model)


class CappedPaginator(Paginator[Any]):
    """Counts no further than anyone pages: a filter or a search gets to the rest."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:LONGEST_LIST].count())


class LongList(admin.ModelAdmin[M]):
    """Newest first by the primary key, counted up to a cap."""

    ordering: ClassVar[tuple[Any, ...]] = ("-pk",)
    show_full_result_count = False
    paginator = CappedPaginator


class ReadOnly(LongList[M]):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
