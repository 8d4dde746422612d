from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import Product
from customers.models import Customer, Purpose
from retention.insights.models import RecommendationList, RecommendationRule
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.shown import reception
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import ago, person

SHOWN = 3
LOOK_BACK = timedelta(days=28)


@admin.register(RecommendationList)
class RecommendationListAdmin(AboutCustomers[RecommendationList]):
    """What each customer is likely to want next."""

    list_display = ("who", "first", "computed")
    fields = ("who", "version", "in_order", "computed_at")
    readonly_fields = ("who", "in_order")
    list_select_related = ("customer__contact",)
    search_fields = ("customer__external_id__startswith",)
    search_help_text = "The beginning of a customer's id."
    ordering = ("-pk",)
    list_display_links = None
    change_list_template = "admin/tastes.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecommendationList]:
        """Who objects is shown no more, from then on."""
        willing = Customer.objects.consenting(Purpose.RECOMMENDATION)
        shown = Q(customer=None) | Q(customer__in=willing)
        return super().get_queryset(request).filter(shown)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        since = timezone.now() - LOOK_BACK
        shown = {
            "reception": reception(since=since),
            "rules": RecommendationRule.objects.in_force(timezone.now()).count(),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's titles in one query, since the lists hold ids."""
        page = super().get_changelist_instance(request)
        wanted = {item["product"] for row in page.result_list for item in row.items[:SHOWN]}
        titles = {product.pk: str(product) for product in Product.objects.filter(pk__in=wanted)}
        for row in page.result_list:
            row.titles = titles
        return page

    @admin.display(description="customer")
    def who(self, row: RecommendationList) -> SafeString | str:
        if row.customer is None:
            return "Everyone without a list of their own"
        return person(row.customer)

    @admin.display(description="first of the list")
    def first(self, row: RecommendationList) -> str:
        titles: dict[int, str] = getattr(row, "titles", {})
        return " · ".join(titles.get(item["product"], "") for item in row.items[:SHOWN])

    @admin.display(description="best first")
    def in_order(self, row: RecommendationList) -> SafeString:
        shown = recommendations_for(row.customer, Wanted(len(row.items)), at=timezone.now()).items
        lines = ((one.product, one.because) for one in shown)
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}: {}</li>", lines))

    @admin.display(description="computed", ordering="computed_at")
    def computed(self, row: RecommendationList) -> str:
        return ago(row.computed_at)
