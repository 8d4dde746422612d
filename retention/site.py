"""The admin as operators see it: our name, our navigation, the pages that show all apps at once."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from retention.present.templatetags.present import NOTHING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # No models yet when apps load.


@dataclass(frozen=True)
class Place:
    """Where one entry of the navigation leads."""

    label: str
    icon: str
    view: str
    needs: tuple[str, ...] = ()

    def is_open_to(self, user: "User | AnonymousUser") -> bool:
        """A list is for who may view its rows, any page for who has what it needs."""
        named = re.fullmatch(r"admin:(\w+?)_(\w+)_changelist", self.view)
        rows = (f"{named[1]}.view_{named[2]}",) if named else ()
        return user.has_perms((*rows, *self.needs))


NAMES = ("customers.view_customer",)
"""What it takes to see a list that names customers, beside the right to see its rows."""
PLACES: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("", (Place("Home", "home", "admin:index"),)),
    (
        "Who is leaving?",
        (
            Place("At risk", "alert", "admin:insights_churnscore_changelist", NAMES),
            Place("Customers", "customers", "admin:customers_customer_changelist"),
            Place("Segments", "segments", "admin:insights_segment_changelist"),
        ),
    ),
    (
        "What do they like?",
        (
            Place("Behaviour", "refresh", "admin:analysis", needs=("insights.view_segment",)),
            Place(
                "Recommendations",
                "recommendations",
                "admin:insights_recommendationlist_changelist",
                NAMES,
            ),
            Place("Bought together", "cart", "admin:insights_associationrule_changelist"),
        ),
    ),
    (
        "What did it earn?",
        (
            Place("Campaigns", "campaigns", "admin:campaigns_campaign_changelist"),
            Place("Coupons", "coupons", "admin:campaigns_coupon_changelist"),
            Place(
                "What they earned", "measurements", "admin:programme", ("campaigns.view_campaign",)
            ),
        ),
    ),
    (
        "Can I trust it?",
        (
            Place("Models", "models", "admin:insights_modelversion_changelist"),
            Place("Data quality", "holdouts", "admin:insights_datafinding_changelist", NAMES),
            Place("Jobs", "jobs", "admin:jobs_jobrun_changelist"),
            Place("Schedules", "schedules", "admin:jobs_schedule_changelist"),
        ),
    ),
    (
        "Shop",
        (
            Place("Products", "products", "admin:catalog_product_changelist"),
            Place("Categories", "menu", "admin:catalog_category_changelist"),
            Place("Events", "eye", "admin:customers_event_changelist", NAMES),
            Place("Imports", "imports", "admin:customers_ingestbatch_changelist"),
            Place("API keys", "keys", "admin:access_apikey_changelist"),
            Place("API reference", "api", "api-docs"),
        ),
    ),
    (
        "People and privacy",
        (
            Place("Operators", "user", "admin:auth_user_changelist"),
            Place("Roles", "lock", "admin:auth_group_changelist"),
            Place("Consents", "check", "admin:customers_consent_changelist", NAMES),
            Place("Merges", "segments", "admin:customers_customermerge_changelist", NAMES),
            Place("Erasures", "cross", "admin:customers_erasure_changelist"),
            Place("Audit log", "audit", "admin:access_auditentry_changelist"),
        ),
    ),
)
"""Sections are an operator's questions, the ones asked daily first."""


class RetentionSite(AdminSite):
    site_header = "Retention"
    site_title = "Retention"
    index_title = "Home"
    enable_nav_sidebar = False
    empty_value_display = NOTHING

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        places = navigation(request)
        return super().each_context(request) | {
            "navigation": places,
            "place": next((one for _, some in places for one in some if one["active"]), None),
            "search_url": request.user.has_perms(NAMES)
            and reverse("admin:customers_customer_changelist"),
            "search_text": request.GET.get("q", ""),
        }

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # Before the admin's own, so that a customer opens on the page that knows everything.
        from campaigns.admin.programme import ledger_csv, programme_page
        from retention.consents import consents_page
        from retention.insights.admin.affinity import affinity_page
        from retention.insights.admin.analysis import cohorts_page
        from retention.insights.admin.ask import ask_page
        from retention.insights.admin.curves import curves_page
        from retention.insights.admin.funnel import funnel_page
        from retention.insights.admin.repurchase import repurchase_page
        from retention.merging import duplicates_page, merge_page, undo_page
        from retention.pages import customer_page
        from retention.privacy import erase_page, export_page

        all_of_them = "customers/customer/"
        one = f"{all_of_them}<int:pk>/"
        undo = f"{one}merges/<int:merge>/undo/"
        ours: list[URLResolver | URLPattern] = [
            path(f"{one}change/", self.admin_view(customer_page), name="customer"),
            path(f"{one}ask/", self.admin_view(ask_page), name="customer_ask"),
            path(f"{one}export/", self.admin_view(export_page), name="customer_export"),
            path(f"{one}consents/", self.admin_view(consents_page), name="customer_consents"),
            path(f"{one}erase/", self.admin_view(erase_page), name="customer_erase"),
            path(f"{one}merge/", self.admin_view(merge_page), name="customer_merge"),
            path(undo, self.admin_view(undo_page), name="customer_unmerge"),
            path("programme/", self.admin_view(programme_page), name="programme"),
            path("programme/ledger.csv", self.admin_view(ledger_csv), name="ledger_csv"),
            path("analysis/", self.admin_view(cohorts_page), name="analysis"),
            path("analysis/repurchase/", self.admin_view(repurchase_page), name="repurchase"),
            path("analysis/funnel/", self.admin_view(funnel_page), name="funnel"),
            path("analysis/affinity/", self.admin_view(affinity_page), name="affinity"),
            path("insights/churn-curves/", self.admin_view(curves_page), name="churn_curves"),
            path(
                f"{all_of_them}duplicates/",
                self.admin_view(duplicates_page),
                name="customer_duplicates",
            ),
        ]
        return ours + super().get_urls()

    def app_index(  # type: ignore[override] # it leads away
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Apps are how we build it: people have the navigation."""
        return redirect("admin:index")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from retention.pages import home_page

        return home_page(request, self.each_context(request) | (extra_context or {}))


class RetentionAdminConfig(AdminConfig):
    default_site = "retention.site.RetentionSite"


def navigation(request: HttpRequest) -> list[tuple[str, list[dict[str, Any]]]]:
    """(section, entries), the entry of this page marked; what is not for this user left out."""
    open_places = [
        (section, [_entry(place, request) for place in places if place.is_open_to(request.user)])
        for section, places in PLACES
    ]
    return [(section, entries) for section, entries in open_places if entries]


def _entry(place: Place, request: HttpRequest) -> dict[str, Any]:
    url = reverse(place.view)
    is_home = place.view == "admin:index"
    active = request.path == url if is_home else request.path.startswith(url)
    return {"url": url, "label": place.label, "icon": place.icon, "active": active, "count": None}
