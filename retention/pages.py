"""The pages that show several apps at once: home, and all we know of one customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from campaigns.admin.programme import earned_note
from campaigns.models import Campaign, Measurement, Outlet
from customers.duplicates import others_like
from customers.models import Customer, Event
from retention.dashboard import Home, customer_view, home
from retention.insights.admin.curves import curve_url
from retention.insights.admin.quality import MAY_DECIDE, decide_url
from retention.insights.admin.scores import TONES
from retention.insights.cards import caution_of
from retention.insights.models import DataCleaning
from retention.insights.quality.effect import Proposal
from retention.insights.quality.report import data_quality
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.watched import decayed, sentences
from retention.merging import MAY as MAY_MERGE
from retention.present import charts
from retention.present.templatetags.present import compact_money, money, signed
from retention.privacy import ERASE, VIEW

ICONS = {"VIEW": "eye", "CART": "cart", "PURCHASE": "check", "RETURN": "return", "RATING": "info"}
LOOKS = {"PURCHASE": "good", "RETURN": "bad", "CART": "info"}
SHOWN = 8
HOME = ("insights.view_churnscore", "campaigns.view_campaign", "customers.view_customer")
"""What the home page shows, and so what it takes to see it."""
NARROW = 320
"""The width of a chart beside a wide one: its letters stay as large as the others'."""


def home_page(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """Who is leaving, what is at stake, what runs, what is stale, what failed.

    For those who may see customers, scores and campaigns; others find the pages that are theirs.
    """
    if not request.user.has_perms(HOME):
        return TemplateResponse(request, "admin/welcome.html", context | {"title": "Home"})
    state = home(at=timezone.now())
    shown = {
        "title": "Home",
        "state": state,
        "sales_chart": _sales_chart(state),
        "band_chart": _band_chart(state),
        "effect_chart": _effect_chart(state.campaigns.measured),
        "waiting": _waiting_for(request),
        "earned": earned_note(state.programme),
        "data_warning": _data_warning(request),
        "outlet": _paused_outlet(),
        **_model_warning(request),
        "risk_url": reverse("admin:insights_churnscore_changelist") + "?churn_band__exact=HIGH",
    }
    return TemplateResponse(request, "admin/home.html", context | shown)


def _waiting_for(request: HttpRequest) -> list[Campaign]:
    """Campaigns that this person can approve, the longest waiting first."""
    if not request.user.has_perm("campaigns.approve_campaign"):
        return []
    waiting = Campaign.objects.waiting_for(request.user.pk).select_related("submitted_by")
    return list(waiting.order_by("submitted_at")[:SHOWN])


def _paused_outlet() -> dict[str, Any]:
    """A channel that failed too often in a row, and a campaign whose page lets it go on."""
    outlet = Outlet.objects.exclude(paused_at=None).order_by("paused_at").first()
    if outlet is None:
        return {}
    waiting = Campaign.objects.under_way().filter(message_template__channel=outlet.channel)
    return {"outlet": outlet, "campaign": waiting.order_by("-pk").first()}


def _data_warning(request: HttpRequest) -> str:
    """What misleads the models, for who may see it; "" where nothing does."""
    if not request.user.has_perm("insights.view_datafinding"):
        return ""
    quality = data_quality()
    return quality.sentence if quality.serious else ""


def _model_warning(request: HttpRequest) -> dict[str, Any]:
    """The serving model that decayed, for who may see models; empty where none did."""
    if not request.user.has_perm("insights.view_modelversion"):
        return {}
    watch = decayed()
    return {"decayed": watch, "decayed_sentence": sentences(watch)[0]} if watch else {}


@permission_required(VIEW, raise_exception=True)
def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: risk with its reasons, value, segments, tastes, coupons, what happened."""
    customer = get_object_or_404(Customer.objects.named(), pk=pk)
    if customer.merged_into_id is not None:
        messages.info(
            request,
            f"You asked for {customer}, who is merged into this customer.",
        )
        return redirect("admin:customer", customer.merged_into_id)
    may_merge = request.user.has_perms(MAY_MERGE)
    view = customer_view(customer)
    told = view.score.reasons if view.score else []
    shown = {
        "title": customer.called,
        "view": view,
        "tone": TONES.get(view.score.churn_band, "") if view.score else "",
        "caution": caution_of(view.score.version) if view.score else "",
        "shown": recommendations_for(customer, Wanted(SHOWN), at=timezone.now()),
        "reasons": [_reason(r) for r in told],
        "timeline": [_entry(event) for event in view.timeline],
        "opts": Customer._meta,
        "may_erase": request.user.has_perm(ERASE),
        "may_clean": request.user.has_perm(MAY_DECIDE),
        "leave_out_url": decide_url(Proposal(DataCleaning.Kind.EXCLUDE, customer=customer)),
        "may_merge": may_merge,
        "alike": others_like(customer) if may_merge else [],
    }
    return TemplateResponse(
        request, "admin/customer.html", admin.site.each_context(request) | shown
    )


def _reason(told: dict[str, Any]) -> dict[str, Any]:
    """A reason that leads to what its fact does to everyone's risk."""
    name = told.get("feature", "rest")
    url = "" if name == "rest" else curve_url(name)
    return {"label": told["sentence"], "effect": told["effect"], "url": url}


@dataclass(frozen=True)
class Entry:
    """One line of a customer's timeline."""

    at: datetime
    icon: str
    text: str
    note: str
    look: str


def _entry(event: Event) -> Entry:
    what = str(event.product) if event.product else ""
    parts = [event.source]
    if event.quantity > 1:
        parts.append(f"{event.quantity} pieces")
    if event.amount is not None:
        parts.append(money(event.amount, event.currency))
    if event.discount:
        parts.append(f"{money(event.discount, event.currency)} off")
    if event.coupon_code:
        parts.append(f"coupon {event.coupon_code}")
    if event.rating is not None:
        parts.append(f"{event.rating:g} {'star' if event.rating == 1 else 'stars'}")
    return Entry(
        at=event.occurred_at,
        icon=ICONS.get(event.kind, "info"),
        text=f"{event.kind.capitalize().replace('_', ' ')} {what}".strip(),
        note=" · ".join(parts),
        look=LOOKS.get(event.kind, ""),
    )


def _sales_chart(state: Home) -> SafeString:
    return charts.line(
        [f"{week.starts_on:%-d %b}" for week in state.sales],
        [charts.Series("Revenue", [week.revenue for week in state.sales])],
        title="Revenue a week, net of returns",
        form=lambda amount: compact_money(amount, state.currency),
        area=True,
        empty="No orders yet: import a file or send events by the API.",
        width=640,
    )


def _band_chart(state: Home) -> SafeString:
    url = reverse("admin:insights_churnscore_changelist")
    bars = [
        charts.Bar(
            band.label,
            band.customers,
            note=f"{money(band.at_stake, state.currency)} at stake",
            url=f"{url}?churn_band__exact={band.band}",
            tone=TONES[band.band],
        )
        for band in state.bands
    ]
    title = "Customers by risk of leaving"
    return charts.rows(bars if state.scored else [], title=title, width=NARROW)


def _effect_chart(measured: list[Measurement]) -> SafeString:
    return charts.intervals(
        [_effect(kept.campaign.name, kept) for kept in measured],
        title="Customers kept by each campaign, against its control",
        form=lambda share: signed(share * 100, 1),
        width=360,
        empty="No campaign has been measured yet.",
    )


def _effect(name: str, kept: Measurement) -> charts.Effect:
    return charts.Effect(name, kept.effect, kept.ci_low, kept.ci_high)
