"""The list of customers, with what we expect of each beside what they are."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from customers.models import Customer
from retention.insights.half_pairs import half_buyers
from retention.insights.models import (
    AssociationRule,
    Band,
    ChurnScore,
    Segment,
    SegmentMembership,
)
from retention.present.groups import FEWEST
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import NOTHING, ago, badge, percent, person

from .scores import SEARCH_HELP, SEARCH_LABEL, SEARCH_PLACEHOLDER, TONES, worth

EXPECTED = (
    "churn_probability",
    "churn_band",
    "predicted_clv",
    "predicted_clv_low",
    "predicted_clv_high",
    "currency",
)


class BandFilter(admin.SimpleListFilter):
    title = "risk of leaving"
    parameter_name = "band"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Band.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        if self.value() not in Band.values:
            return queryset
        scores = ChurnScore.objects.consented().filter(churn_band=self.value())
        return queryset.filter(pk__in=scores.values("customer"))


class SegmentFilter(admin.SimpleListFilter):
    title = "segment"
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        segments = Segment.objects.filter(kind=Segment.Kind.RFM).order_by("name")
        return [(segment.key, segment.name) for segment in segments]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        if not self.value():
            return queryset
        members = (
            SegmentMembership.objects.consented()
            .current()
            .filter(segment__kind=Segment.Kind.RFM, segment__key=self.value())
        )
        return queryset.filter(pk__in=members.values("customer"))


class HalfPairFilter(admin.SimpleListFilter):
    """Who has one half of a pair and not the other; a pair's own page leads here."""

    title = "bought one, not the other"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rule = AssociationRule.objects.asked_for(request.GET.get(self.parameter_name, ""))
        return [(str(rule.pk), str(rule))] if rule else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        rule = AssociationRule.objects.asked_for(self.value() or "")
        if rule is None:
            return queryset
        halves = half_buyers(rule).values("pk")
        is_small = halves[:FEWEST].count() < FEWEST
        return queryset.none() if is_small else queryset.filter(pk__in=halves)


@admin.register(Customer)
class CustomerAdmin(ReadOnly[Customer]):
    """Who buys here and how likely each is to leave. A row opens the page that says all of it."""

    list_display = ("who", "risk", "segment", "worth", "last_seen", "first_seen")
    list_display_links = None
    list_filter = (BandFilter, SegmentFilter, HalfPairFilter)
    list_select_related = ("contact",)
    search_fields = ("external_id",)
    search_label = SEARCH_LABEL
    search_placeholder = SEARCH_PLACEHOLDER
    search_help_text = SEARCH_HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        score = ChurnScore.objects.consented().filter(customer=OuterRef("pk"))
        group = (
            SegmentMembership.objects.consented()
            .current()
            .filter(customer=OuterRef("pk"), segment__kind=Segment.Kind.RFM)
        )
        return Customer.objects.present().annotate(
            **{field: Subquery(score.values(field)[:1]) for field in EXPECTED},
            segment_name=Subquery(group.values("segment__name")[:1]),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.found_by(search_term.strip()), False

    @admin.display(description="customer", ordering="external_id")
    def who(self, customer: Customer) -> SafeString:
        return person(customer)

    @admin.display(description="risk of leaving")
    def risk(self, customer: Any) -> SafeString | str:
        if customer.churn_band is None:
            return NOTHING
        share = percent(customer.churn_probability, 0)
        return badge(f"{share} {Band(customer.churn_band).label}", TONES[customer.churn_band])

    @admin.display(description="segment")
    def segment(self, customer: Any) -> str:
        return customer.segment_name or NOTHING

    @admin.display(description="expected in a year")
    def worth(self, customer: Any) -> SafeString | str:
        if customer.predicted_clv is None:
            return NOTHING
        return worth(customer)

    @admin.display(description="last seen", ordering="last_seen_at")
    def last_seen(self, customer: Customer) -> str:
        return ago(customer.last_seen_at)

    @admin.display(description="first seen", ordering="first_seen_at")
    def first_seen(self, customer: Customer) -> str:
        return ago(customer.first_seen_at)
