from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from customers.models import Event, EventKind
from customers.selectors import customer_known_as
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import NOTHING, money, person

OWN = "OWN"


class KindFilter(admin.SimpleListFilter):
    """The product's kinds by name: asking ten million rows which kinds there are takes seconds."""

    title = "kind"
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [*EventKind.choices, (OWN, "The shop's own")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case None:
                return queryset
            case "OWN":
                return queryset.exclude(kind__in=EventKind.values)
            case kind:
                return queryset.filter(kind=kind)


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [(source, source) for source in Event.objects.all().sources()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(source=chosen) if chosen else queryset


@admin.register(Event)
class EventAdmin(AboutCustomers[Event]):
    """What happened, as it was sent."""

    list_display = (
        "occurred_at",
        "what",
        "who",
        "product",
        "quantity",
        "came_to",
        "order_id",
        "source",
    )
    fields = (
        ("what", "occurred_at"),
        "who",
        "product",
        ("quantity", "each"),
        ("came_to", "taken_off"),
        ("order_id", "coupon_code"),
        "rating",
        "extra",
        ("source", "message_id"),
        ("received_at", "clock_corrected"),
        "batch",
    )
    readonly_fields = ("what", "who", "each", "came_to", "taken_off")
    list_filter = (KindFilter, SourceFilter)
    list_select_related = ("customer__contact", "product")
    sortable_by = ()
    ordering = ("-occurred_at", "-pk")
    search_fields = ("customer__external_id",)
    search_help_text = "A customer's whole id; another source's as source:id."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # None stands for events of nobody: who is not known has none.
        whose = customer_known_as(term)
        return queryset.filter(customer=whose) if whose else queryset.none(), False

    @admin.display(description="what")
    def what(self, event: Event) -> str:
        return event.kind.capitalize().replace("_", " ")

    @admin.display(description="customer")
    def who(self, event: Event) -> SafeString | str:
        return person(event.customer) if event.customer else NOTHING

    @admin.display(description="price of one")
    def each(self, event: Event) -> str:
        return money(event.unit_price, event.currency)

    @admin.display(description="came to")
    def came_to(self, event: Event) -> str:
        return money(event.amount, event.currency)

    @admin.display(description="discount")
    def taken_off(self, event: Event) -> str:
        return money(event.discount or None, event.currency)
