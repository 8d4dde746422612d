"""The form of a new campaign, and of a draft."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.services.draft import NotSound, redraft_campaign
from campaigns.services.draft_once import draft_once
from campaigns.services.transition import ChangedSince, WrongState
from retention.insights.models import AssociationRule, Band

from .forms import MOST_OFFERS, PlanForm, filled_in, typed_in
from .life import actor
from .pair import offer_of, whom_it_suits

PAGE = "admin:campaigns_campaign_change"


def new_campaign(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Prefilled from ?band=HIGH, ?segment=7, ?name=..., ?rule=3 for an offer of a pair."""
    rule = AssociationRule.objects.asked_for(request.GET.get("rule", ""))
    bands = request.GET.getlist("band")
    asked = {"name": _name_for(bands)} | (offer_of(rule) if rule else {})
    asked |= {"bands": bands, "segment": request.GET.get("segment", "")}
    if named := request.GET.get("name"):
        asked["name"] = named
    form = _form(request, asked)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = draft_once(form.plan(), by=actor(request), at=timezone.now())
        except NotSound as refused:
            form.say(refused.problems)
        else:
            messages.success(request, "Drafted. Here is what a launch would do; nothing has yet.")
            return redirect(PAGE, campaign.pk)
    return _page(request, site, form, None, hint=whom_it_suits(rule) if rule else "")


def edit_campaign(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, "Only a draft can be changed. Take it back first.")
        return redirect(PAGE, pk)
    form = _form(request, filled_in(campaign), currency=campaign.currency)
    if request.method == "POST" and form.is_valid():
        try:
            redraft_campaign(
                pk, form.plan(), by=actor(request), at=timezone.now(), revision=form.revision
            )
        except NotSound as refused:
            form.say(refused.problems)
        except (ChangedSince, WrongState) as refused:
            messages.error(request, str(refused))
            return redirect(PAGE, pk)
        else:
            return redirect(PAGE, pk)
    return _page(request, site, form, campaign)


def _form(request: HttpRequest, first: dict[str, Any], *, currency: str = "") -> PlanForm:
    """As it was sent; or, where one more offer is asked for, with all that was typed."""
    if "more" in request.POST:
        return PlanForm(initial=typed_in(request.POST), more=1, currency=currency)
    return PlanForm(request.POST or None, initial=first, currency=currency)


def _page(
    request: HttpRequest,
    site: AdminSite,
    form: PlanForm,
    campaign: Campaign | None,
    *,
    hint: str = "",
) -> HttpResponse:
    offers = len(form.offers.forms)
    context: dict[str, Any] = site.each_context(request) | {
        "title": campaign.name if campaign else "New campaign",
        "campaign": campaign,
        "form": form.campaign,
        "hint": hint,
        "offers": form.offers,
        "currency": form.currency,
        "next_offer": offers + 1 if offers < MOST_OFFERS else 0,
        "back": reverse(PAGE, args=[campaign.pk])
        if campaign
        else reverse("admin:campaigns_campaign_changelist"),
    }
    return TemplateResponse(request, "admin/campaigns/campaign/form.html", context)


def _name_for(bands: list[str]) -> str:
    """ "High risk, November 2026", for those who do not care what it is called."""
    risk = " and ".join(band.lower() for band in bands if band in Band.values).capitalize()
    return f"{risk} risk, {timezone.localdate():%B %Y}" if risk else ""
