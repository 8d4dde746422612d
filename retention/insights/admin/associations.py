from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.models import Category, Product
from retention.insights.half_pairs import HalfBuyers, count_half_buyers
from retention.insights.models import AssociationRule
from retention.insights.wording import days_later, rule_in_words, times
from retention.present import charts
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import NOTHING, badge, number, percent, share_bar

MOST_CATEGORIES = 50
OTHERS = 8
MEASURES = [("", ""), ("Value", "number"), ("Means", "")]


class CategoryFilter(admin.SimpleListFilter):
    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        followed = AssociationRule.objects.values("consequent__category")
        there = Category.objects.filter(pk__in=followed).order_by("path")[:MOST_CATEGORIES]
        return [(category.path, category.path) for category in there]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AssociationRule]
    ) -> QuerySet[AssociationRule]:
        if not self.value():
            return queryset
        inside = Product.objects.below(str(self.value()))
        return queryset.filter(pk__in=AssociationRule.objects.about(inside).values("pk"))


@admin.register(AssociationRule)
class AssociationRuleAdmin(ReadOnly[AssociationRule]):
    """What is bought together and what follows; a row opens the evidence and whom to offer it."""

    list_display = ("pair", "where", "share", "often", "extra", "gap")
    list_display_links = None
    list_filter = ("kind", CategoryFilter)
    search_fields = ("consequent__title",)  # How is in get_search_results.
    search_help_text = "A part of a product's title, or its whole id."
    change_form_template = "admin/association.html"
    wording: ClassVar = {
        "empty_title": "Nothing is known to be bought together yet.",
        "empty_text": "It is learned each night from the orders of a year: a hundred with two"
        " products or more are needed. Models says how the last training went.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssociationRule]:
        return AssociationRule.objects.whole()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AssociationRule], search_term: str
    ) -> tuple[QuerySet[AssociationRule], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        named = Product.objects.filter(Q(title__icontains=term) | Q(external_id=term))
        about = AssociationRule.objects.about(named)
        return queryset.filter(pk__in=about.values("pk")), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule = self.get_object(request, unquote(object_id))
        shown = _page_of(rule) if rule else {}
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    @admin.display(description="who buys → buys too", ordering="consequent__title")
    def pair(self, rule: AssociationRule) -> SafeString:
        url = reverse("admin:insights_associationrule_change", args=[rule.pk])
        said = rule_in_words(rule)
        return format_html(
            '<a href="{}"><b>{}</b></a><br><span class="quiet">{}</span>', url, rule, said
        )

    @admin.display(description="where", ordering="kind")
    def where(self, rule: AssociationRule) -> SafeString:
        return badge(rule.get_kind_display(), "info" if rule.is_later else "quiet")

    @admin.display(description="share", ordering="confidence")
    def share(self, rule: AssociationRule) -> SafeString:
        return format_html("{} {}", percent(rule.confidence, 0), share_bar(rule.both, rule.of))

    @admin.display(description="times as often", ordering="lift")
    def often(self, rule: AssociationRule) -> str:
        return times(rule.lift)

    @admin.display(description="beyond chance", ordering="beyond")
    def extra(self, rule: AssociationRule) -> str:
        return f"+{number(rule.beyond)}"

    @admin.display(description="usually", ordering="gap_median")
    def gap(self, rule: AssociationRule) -> str:
        return NOTHING if rule.gap_median is None else days_later(rule.gap_median)


def _units(rule: AssociationRule) -> str:
    return "customers" if rule.is_later else "baskets"


def _page_of(rule: AssociationRule) -> dict[str, Any]:
    halves = count_half_buyers(rule)
    return {
        "rule": rule,
        "title": str(rule),
        "subtitle": None,
        "sentence": rule_in_words(rule),
        "leading": " and ".join(rule.titles),
        "units": _units(rule),
        "halves": halves,
        "shares": _shares(rule),
        "segments": _segments(rule, halves),
        "columns": MEASURES,
        "measures": _measures(rule),
        "others": _others(rule),
        "computed_at": rule.version.run.finished_at,
    }


def _shares(rule: AssociationRule) -> SafeString:
    """The share with the antecedent above the one without knowing of it."""
    low, high = percent(rule.confidence_low, 0), percent(rule.confidence_high, 0)
    with_it = f"{'Customers' if rule.is_later else 'Baskets'} with it"
    bars = [charts.Bar(with_it, rule.confidence, note=f"{low} to {high}", tone="good")]
    if not rule.is_later:
        bars.append(
            charts.Bar("Baskets as large", rule.expected / rule.of, note="by chance", tone="quiet")
        )
    bars.append(charts.Bar("Usual", rule.usual, tone="quiet"))
    return charts.rows(bars, title=f"How often {rule.consequent} is bought", form=percent)


def _segments(rule: AssociationRule, halves: HalfBuyers) -> SafeString | None:
    """Where those with one half are; each bar drafts the offer for its segment."""
    if halves.is_small or not halves.groups:
        return None
    draft = reverse("admin:campaigns_campaign_add")
    bars = [
        charts.Bar(
            group.segment.name,
            group.count,
            note="make the offer to this segment",
            url=f"{draft}?rule={rule.pk}&segment={group.segment.pk}",
        )
        for group in halves.groups
    ]
    return charts.rows(bars, title="In which segments they are", width=320)


def _measures(rule: AssociationRule) -> list[list[str]]:
    units, leads = _units(rule), "bought the first" if rule.is_later else "hold the first"
    never = "it never failed"
    rows = [
        ["Support", percent(rule.support, 2), f"{rule.both:,} of all {rule.total:,} {units}"],
        ["Confidence", percent(rule.confidence), f"of the {rule.of:,} {units} that {leads}"],
        ["", f"{percent(rule.confidence_low)} to {percent(rule.confidence_high)}", "95% interval"],
        ["Usual", percent(rule.usual), "the share in any basket"],
        ["Lift", f"{rule.lift:.2f}", "confidence divided by usual"],
        ["Expected", f"{rule.expected:,.1f}", f"{units} by chance, {_like(rule)}"],
        ["Leverage", percent(rule.leverage, 2), f"of all {units}, beyond usual"],
        [
            "Conviction",
            never if rule.conviction is None else f"{rule.conviction:.2f}",
            "how many times as often it would fail by chance",
        ],
        [
            "False discovery rate",
            "below 0.0001"
            if rule.false_discovery_rate < 1e-4
            else f"{rule.false_discovery_rate:.4f}",
            "at most this share of rules as sure as this one is due to chance",
        ],
    ]
    if not rule.is_later:
        rows.insert(1, ["Customers", number(rule.customers), "different people among them"])
    return rows


def _like(rule: AssociationRule) -> str:
    return "among customers as active" if rule.is_later else "among baskets as large"


def _others(rule: AssociationRule) -> list[AssociationRule]:
    """The strongest other rules about the same products."""
    products = [*(product.pk for product in rule.antecedent.all()), rule.consequent_id]
    about = AssociationRule.objects.about(Product.objects.filter(pk__in=products))
    return list(about.exclude(pk=rule.pk).whole().order_by("-pk")[:OTHERS])
