from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customers.models import CustomerMerge
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import NOTHING, ago, person


class StandsFilter(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("stands", "Stands"), ("undone", "Undone")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CustomerMerge]
    ) -> QuerySet[CustomerMerge]:
        if self.value() not in {"stands", "undone"}:
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "stands")


@admin.register(CustomerMerge)
class CustomerMergeAdmin(AboutCustomers[CustomerMerge]):
    """Who was made one with whom, by whom and why. The customer's page undoes it."""

    list_display = ("who", "other", "merged", "merged_by", "reason", "what", "undone")
    list_display_links = None
    list_filter = (StandsFilter,)
    list_select_related = ("kept__merged_into", "kept__contact", "absorbed__contact")
    search_fields = ("kept__external_id__startswith", "absorbed__external_id__startswith")
    search_help_text = "The beginning of a customer's id, of either."
    sortable_by = ()
    wording: ClassVar = {
        "empty_title": "Nobody was merged.",
        "empty_text": "A customer's page has the button; it shows both side by side first.",
    }

    @admin.display(description="customer")
    def who(self, merge: CustomerMerge) -> SafeString:
        return person(merge.kept, merge.kept.current)

    @admin.display(description="merged into them")
    def other(self, merge: CustomerMerge) -> SafeString:
        return person(merge.absorbed)

    @admin.display(description="merged")
    def merged(self, merge: CustomerMerge) -> str:
        return ago(merge.merged_at)

    @admin.display(description="what moved")
    def what(self, merge: CustomerMerge) -> str:
        return merge.moved

    @admin.display(description="undone")
    def undone(self, merge: CustomerMerge) -> SafeString | str:
        if merge.undone_at is None:
            return NOTHING
        return format_html("{} by {}", ago(merge.undone_at), merge.undone_by)
