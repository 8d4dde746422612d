from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.codes import normal
from campaigns.models import Campaign, Coupon, Measurement, Redemption
from campaigns.qr import qr_svg
from campaigns.selectors.applying import good_for
from campaigns.selectors.explanation import explanation_of
from retention.present.lists import ReadOnly
from retention.present.templatetags.present import (
    ago,
    badge,
    money,
    number,
    percent,
    person,
    points,
    said_reasons,
    tone,
)

from . import drafting, messages, moving, pages, trying
from .expected import expected_words
from .export import coupons_csv, seen_by
from .filters import StateFilter
from .life import CHANGE, LAUNCH, VERBS, whom

VIEW, EXPORT = "campaigns.view_campaign", "campaigns.view_coupon"
View = Callable[..., HttpResponseBase]


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin[Campaign]):
    """Each campaign: what it promised, what it cost, what it changed."""

    list_display = ("name", "stage", "audience", "coupons", "budget", "kept", "launched")
    list_filter = ("state",)
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name"
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        own = Coupon.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        newest = Measurement.objects.filter(
            campaign=OuterRef("pk"), metric="KEPT", offer=None
        ).order_by("-measured_until")
        return (
            super()
            .get_queryset(request)
            .select_related("segment")
            .annotate(
                issued=Subquery(own.annotate(n=Count("pk")).values("n")),
                used=Subquery(own.annotate(n=Sum("redeemed_count")).values("n")),
                effect=Subquery(newest.values("effect")[:1]),
                low=Subquery(newest.values("ci_low")[:1]),
                high=Subquery(newest.values("ci_high")[:1]),
            )
        )

    @admin.display(description="state", ordering="state")
    def stage(self, campaign: Campaign) -> SafeString:
        return badge(campaign.get_state_display(), tone(campaign.state))

    @admin.display(description="for")
    def audience(self, campaign: Campaign) -> str:
        return whom(campaign)

    @admin.display(description="coupons")
    def coupons(self, campaign: Any) -> str:
        if campaign.launched_at is None:
            return "–"
        if campaign.is_general:
            return f"used {number(campaign.used or 0)} of {number(campaign.code_uses)} times"
        return f"{number(campaign.issued or 0)} out, {number(campaign.used or 0)} used"

    @admin.display(description="budget promised", ordering="budget_amount")
    def budget(self, campaign: Campaign) -> str:
        code = campaign.currency
        return f"{money(campaign.committed_amount, code)} of {money(campaign.budget_amount, code)}"

    @admin.display(description="kept, against control")
    def kept(self, campaign: Any) -> str:
        if campaign.effect is None:
            return "–"
        told = f"{points(campaign.effect)} ({points(campaign.low)} to {points(campaign.high)})"
        return told if campaign.has_ended else f"so far {told}"

    @admin.display(description="launched", ordering="launched_at")
    def launched(self, campaign: Campaign) -> str:
        return ago(campaign.launched_at) if campaign.launched_at else "–"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        empty = {
            "add_label": "New campaign",
            "empty_title": "No campaign yet.",
            "empty_text": "Choose a group at risk, an offer and a budget. You see whom it would"
            " reach and what it may cost before anything happens.",
            "empty_url": reverse("admin:campaigns_campaign_add"),
            "empty_action": "New campaign",
        }
        return super().changelist_view(request, empty | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """The list is Django's; the pages are ours."""
        verbs = [
            self._page(f"<int:pk>/{name}/", name, partial(moving.move, name=name), verb.permission)
            for name, verb in VERBS.items()
        ]
        return [
            *(url for url in super().get_urls() if url.name == "campaigns_campaign_changelist"),
            self._page("add/", "add", drafting.new_campaign, "campaigns.add_campaign"),
            self._page("<int:pk>/edit/", "edit", drafting.edit_campaign, CHANGE),
            self._page("<int:pk>/change/", "change", pages.campaign_page, VIEW),
            self._page("<int:pk>/what-if/", "what_if", trying.what_if_page, VIEW),
            self._page("<int:pk>/results/", "results", pages.results_page, VIEW),
            self._page("<int:pk>/progress/", "progress", pages.progress_json, VIEW),
            self._page("<int:pk>/message/", "message", messages.message_page, VIEW),
            self._page("<int:pk>/message/again/", "again", messages.again, LAUNCH),
            self._page("<int:pk>/coupons.csv", "coupons", pages.coupons_page, EXPORT),
            *verbs,
        ]

    def _page(self, route: str, name: str, view: View, permission: str) -> URLPattern:
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, self.admin_site, **kwargs)

        return path(route, self.admin_site.admin_view(guarded), name=f"campaigns_campaign_{name}")


class UsesInline(admin.TabularInline[Redemption, Coupon]):
    """The orders that used a coupon."""

    model = Redemption
    verbose_name_plural = "used on"
    fields = readonly_fields = ("order_id", "order", "discount", "redeemed_at", "released_at")
    extra = 0
    can_delete = False
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        return False

    @admin.display(description="order came to")
    def order(self, use: Redemption) -> str:
        return money(use.order_amount, use.currency)

    @admin.display(description="discount")
    def discount(self, use: Redemption) -> str:
        return money(use.discount_amount, use.currency)


@admin.register(Coupon)
class CouponAdmin(ReadOnly[Coupon]):
    """Which customer was promised what, and whether it was used."""

    list_display = ("code", "whose", "campaign", "offer", "state", "issued_at", "expires_at")
    list_filter = (StateFilter, "campaign")
    list_select_related = (
        "customer__contact",
        "customer__merged_into__contact",
        "campaign",
        "offer",
    )
    search_fields = ("code_normal",)
    search_help_text = "A code, however typed, or a customer's id"
    actions = ("export",)
    inlines = (UsesInline,)
    fields = (
        ("code", "state"),
        "whose",
        "why",
        "campaign",
        "offer",
        "only_for",
        "most",
        "issued_at",
        "expires_at",
        "picture",
    )

    def get_urls(self) -> list[URLPattern]:
        qr = self.admin_site.admin_view(self.qr)
        return [path("<int:pk>/qr.svg", qr, name="campaigns_coupon_qr"), *super().get_urls()]

    def qr(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        coupon = get_object_or_404(Coupon, pk=pk)
        return HttpResponse(qr_svg(coupon.code), content_type="image/svg+xml")

    @admin.display(description="for a letter or a till")
    def picture(self, coupon: Coupon) -> SafeString:
        url = reverse("admin:campaigns_coupon_qr", args=[coupon.pk])
        return format_html(
            '<a href="{0}" download="{1}.svg" title="Save the picture">'
            '<img src="{0}" width="140" height="140" alt="QR code of {1}"></a>',
            url,
            coupon.code,
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        return seen_by(request, self.list_display)

    def get_fields(self, request: HttpRequest, obj: Coupon | None = None) -> Any:
        return seen_by(request, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Coupon | None = None) -> Any:
        return ("code", "state", *seen_by(request, self.fields[1:]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Coupon], search_term: str
    ) -> tuple[QuerySet[Coupon], bool]:
        if not search_term:
            return queryset, False
        code = Q(code_normal__startswith=normal(search_term)) if normal(search_term) else Q()
        whose = Q(customer__external_id__startswith=search_term)
        merged = Q(customer__merged_into__external_id__startswith=search_term)
        return queryset.filter(code | whose | merged), False

    @admin.display(description="customer", ordering="customer")
    def whose(self, coupon: Coupon) -> SafeString | str:
        if coupon.is_general:
            return "whoever has it"
        if coupon.customer is None:
            return "forgotten"
        return person(coupon.customer.current)

    @admin.display(description="customer", ordering="customer")
    def whose_id(self, coupon: Coupon) -> SafeString | str:
        """For those who may not see who customers are."""
        who = coupon.customer
        return self.whose(coupon) if who is None else who.current.external_id

    @admin.display(description="state")
    def state(self, coupon: Coupon) -> SafeString:
        now = coupon.state(timezone.now())
        return badge(now.capitalize(), tone(now))

    @admin.display(description="good for")
    def only_for(self, coupon: Coupon) -> str:
        return good_for(coupon) or "Everything"

    @admin.display(description="takes off at most")
    def most(self, coupon: Coupon) -> str:
        return money(coupon.worst_case, coupon.campaign.currency)

    @admin.display(description="why this customer")
    def why(self, coupon: Coupon) -> SafeString | str:
        if coupon.is_general:
            return "A code for all: nobody was chosen."
        told = explanation_of(coupon)
        if told is None:
            return "Nothing is kept: the customer was forgotten."
        occasion = format_html("{}.<br>", told.occasion) if told.occasion else ""
        return format_html(
            "{}<br>{}Rank {} by what it was expected to earn, at {} risk of leaving ({}).<br>{}<br>"
            "Drawn for the offer with a probability of {}. Approved by {}.",
            " ".join(expected_words(told)),
            occasion,
            told.rank,
            percent(told.churn_probability, 0),
            told.model_version or "no score",
            said_reasons(told.reasons, 3),
            percent(told.probability, 0),
            told.approved_by,
        )

    @admin.action(description="Export the chosen coupons as CSV", permissions=["export"])
    def export(self, request: HttpRequest, coupons: QuerySet[Coupon]) -> HttpResponseBase:
        return coupons_csv(request, coupons, name="coupons")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(EXPORT)
