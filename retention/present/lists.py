"""What keeps an admin list quick at ten million rows."""

from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

LONGEST_LIST = 10_000
VIEW_CUSTOMER = "customers.view_customer"
M = TypeVar("M", bound=Model)


class CappedPaginator(Paginator[Any]):
    """Counts no further than anyone pages: a filter or a search gets to the rest."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:LONGEST_LIST].count())


class Found(ChangeList):
    """Says how many there are beside the search only where something was searched for."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class LongList(admin.ModelAdmin[M]):
    """Newest first by the primary key, counted up to a cap."""

    ordering: ClassVar[tuple[Any, ...]] = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    # A count beside each filter reads every row.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    search_label = "Search"
    search_placeholder = ""
    wording: ClassVar[dict[str, Any]] = {}
    """Words of the page: add_label; of a list without rows empty_title, empty_text; empty_url and
    empty_action."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = self.wording | (extra_context or {})
        if not self.has_add_permission(request):
            words.pop("empty_url", None)
        return super().changelist_view(request, words)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Found


class ReadOnly(LongList[M]):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AboutCustomers(ReadOnly[M]):
    """Rows that name customers: for who may see the rows and who customers are."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        sees = request.user.has_perm(VIEW_CUSTOMER)
        return sees and bool(super().has_view_permission(request, obj))
