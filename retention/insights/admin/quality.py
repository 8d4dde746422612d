"""How good the data is, and what to decide about it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.models import Product
from retention.insights.models import DataCleaning, DataFinding, Problem, Severity
from retention.insights.quality.decisions import (
    VERBS,
    effect_in_words,
    left_out_in_words,
    target_of,
)
from retention.insights.quality.effect import Proposal
from retention.insights.quality.report import Told, data_quality
from retention.jobs.admin.words import under_way
from retention.jobs.models import JobRun
from retention.jobs.services.ask import ask
from retention.present.lists import AboutCustomers
from retention.present.templatetags.present import money, number

from .quality_rows import Link, rows_of

CHECK = "insights.check_data"
MAY_DECIDE = "insights.decide_datacleaning"
MAY_MERGE = "customers.merge_customer"
LOOKS = {Severity.SERIOUS: "bad", Severity.LOOK: "warn", Severity.NOTE: "info"}
TAKEN_BACK = 10
PRODUCT_COLUMNS = [
    ("Product", ""),
    ("Odd lines", "number"),
    ("Usually", "number"),
    ("Oddest", "number"),
    ("", ""),
]


@dataclass(frozen=True)
class Card:
    """A finding on the page: where its rows are, what to press, and a table where there is one."""

    told: Told
    look: str
    links: list[Link]
    buttons: list[Link]
    products: list[tuple[Product, dict[str, Any], str]]


@dataclass(frozen=True)
class Line:
    """A decision in the table."""

    decision: DataCleaning
    target: str
    left_out: str


@admin.register(DataFinding)
class DataFindingAdmin(AboutCustomers[DataFinding]):
    """One page instead of a list: the sentence, the findings, the decisions."""

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(require_POST(self.check_view))
        return [path("check/", check, name="insights_check_data"), *super().get_urls()]

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """Look through the data now; asked twice, while one waits, is once."""
        if not request.user.has_perm(MAY_DECIDE):
            raise PermissionDenied
        who, begun = request.user.get_username(), JobRun.objects.filter(job=CHECK)
        last = begun.exclude(state=JobRun.State.QUEUED).order_by("-pk").first()
        key = f"{CHECK} after {last.pk if last else 'none'}"
        ask(CHECK, at=timezone.now(), asked_by=who, key=key)
        messages.success(request, "The data is being checked.")
        return redirect("admin:insights_datafinding_changelist")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return redirect("admin:insights_datafinding_changelist")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        quality = data_quality()
        may_decide = request.user.has_perm(MAY_DECIDE)
        products = _products([told.finding for told in quality.found])
        cards = [_card(told, products, may_decide=may_decide) for told in quality.found]
        back = DataCleaning.objects.exclude(undone_at=None).named()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Data quality",
            "quality": quality,
            "work": under_way(request, CHECK),
            "left_out": left_out_in_words(quality.check.left_out) if quality.check else "",
            "open_cards": [card for card in cards if card.told.is_open],
            "settled": [card for card in cards if not card.told.is_open],
            "decisions": [_line(one) for one in quality.decisions],
            "taken_back": [_line(one) for one in back.order_by("-undone_at")[:TAKEN_BACK]],
            "may_decide": may_decide,
            "merge_url": _merge_url(request),
            "product_columns": PRODUCT_COLUMNS,
        }
        return TemplateResponse(request, "admin/data_quality.html", context)


def _card(told: Told, products: dict[int, Product], *, may_decide: bool) -> Card:
    finding = told.finding
    proposals = [one for one in (told.cleaning, told.keeping) if one]
    return Card(
        told=told,
        look=LOOKS[Severity(finding.severity)],
        links=rows_of(finding),
        buttons=[Link(VERBS[p.kind].button, decide_url(p)) for p in proposals if may_decide],
        products=_odd_products(finding, products, may_decide=may_decide),
    )


def _merge_url(request: HttpRequest) -> str:
    """Where customers who may be one person stand side by side; "" for who may not merge."""
    return reverse("admin:customer_duplicates") if request.user.has_perm(MAY_MERGE) else ""


def _odd_products(
    finding: DataFinding, products: dict[int, Product], *, may_decide: bool
) -> list[tuple[Product, dict[str, Any], str]]:
    if finding.kind != Problem.PRICES:
        return []
    told = [(products.get(one["product"]), one) for one in finding.evidence["worst"]]
    return [
        (
            product,
            one | {"usual": money(one["usual"]), "oddest": money(one["oddest"])},
            decide_url(Proposal(DataCleaning.Kind.PRICES, product=product)) if may_decide else "",
        )
        for product, one in told
        if product is not None
    ]


def _products(findings: list[DataFinding]) -> dict[int, Product]:
    named = [one["product"] for f in findings for one in f.evidence.get("worst", ())]
    return Product.objects.in_bulk(named) if named else {}


def _line(decision: DataCleaning) -> Line:
    kept = decision.kind == DataCleaning.Kind.KEEP
    left_out = f"nothing; {number(decision.found)} are right" if kept else effect_in_words(decision)
    return Line(decision, target_of(decision), left_out)


def decide_url(proposal: Proposal) -> str:
    """The page that says what a cleaning would change."""
    asked = {
        "kind": proposal.kind,
        "finding": proposal.finding,
        "customer": proposal.customer.pk if proposal.customer else "",
        "product": proposal.product.pk if proposal.product else "",
        "cap": proposal.cap or "",
    }
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('admin:insights_decide_cleaning')}?{said}"
