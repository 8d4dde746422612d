"""What if: a campaign with other settings, before its launch."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.selectors.response import uplift_champion
from campaigns.selectors.trying import Range, Settings, WhatIf, changed, settings_of, what_if
from campaigns.services.draft import NotSound, plan_of, redraft_campaign
from campaigns.services.transition import ChangedSince, WrongState
from retention.insights.admin.uplift import uplift_of
from retention.present import charts
from retention.present.amounts import MoneyField, MoneyForm
from retention.present.templatetags.present import compact_money, money, number, percent

from .drafting import PAGE
from .figures import detectable
from .forms import in_percent, risk_field
from .life import CHANGE, actor


class SettingsForm(MoneyForm):
    """What may be moved, as people type it."""

    risk_percent = risk_field()
    depth_percent = forms.IntegerField(
        min_value=10,
        max_value=400,
        label="Discounts",
        help_text="Percent of what the draft gives: 50 halves them, 200 doubles them.",
    )
    budget_amount = MoneyField(label="Budget")
    control_percent = forms.FloatField(
        min_value=1, max_value=90, label="Control group", help_text="Percent who get nothing."
    )
    maximum_customers = forms.IntegerField(required=False, min_value=2, label="Customers at most")

    def settings(self) -> Settings:
        given = self.cleaned_data
        risk = given["risk_percent"]
        return Settings(
            budget_amount=given["budget_amount"],
            control_share=given["control_percent"] / 100,
            minimum_risk=None if risk is None else risk / 100,
            maximum_customers=given["maximum_customers"],
            depth=given["depth_percent"] / 100,
        )


def what_if_page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """GET tries settings and writes nothing; POST puts them into the draft."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if campaign.launched_at is not None:
        messages.error(request, "It was launched: what it did is measured, not tried.")
        return redirect(PAGE, pk)
    now = settings_of(campaign)
    given = request.POST or request.GET
    form = SettingsForm(given or None, initial=_typed(now), currency=campaign.currency)
    may_edit = campaign.state == Campaign.State.DRAFT and request.user.has_perm(CHANGE)
    if "use" in request.POST and may_edit and form.is_valid():
        return _used(request, campaign, form.settings())
    asked = form.settings() if form.is_bound and form.is_valid() else now
    found = what_if(campaign, asked, at=timezone.now())
    measured = uplift_champion() if found.response.basis == "UPLIFT" else None
    context: dict[str, Any] = site.each_context(request) | {
        "title": f"What if: {campaign.name}",
        "campaign": campaign,
        "form": form,
        "found": found,
        "basis": _basis(found),
        "figures": _figures(found),
        "chart": _chart(found),
        "detectable": detectable(found),
        "kinds": uplift_of(measured.run.metrics) if measured else {},
        "nobody": _nobody(found),
        "may_edit": may_edit,
        "back": reverse(PAGE, args=[pk]),
    }
    return TemplateResponse(request, "admin/campaigns/campaign/what_if.html", context)


def _used(request: HttpRequest, campaign: Campaign, settings: Settings) -> HttpResponse:
    plan = changed(plan_of(campaign), settings)
    try:
        redraft_campaign(
            campaign.pk,
            plan,
            by=actor(request),
            at=timezone.now(),
            revision=_revision(request),
        )
    except (NotSound, ChangedSince, WrongState) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The draft has these settings now.")
    return redirect(PAGE, campaign.pk)


def _revision(request: HttpRequest) -> int:
    seen = request.POST.get("revision", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0


def _typed(settings: Settings) -> dict[str, Any]:
    risk = settings.minimum_risk
    return {
        "risk_percent": None if risk is None else in_percent(risk),
        "depth_percent": round(settings.depth * 100),
        "budget_amount": settings.budget_amount,
        "control_percent": in_percent(settings.control_share),
        "maximum_customers": settings.maximum_customers,
    }


def _figures(found: WhatIf) -> list[dict[str, str]]:
    """Each with between what it may lie, for parts/kpi.html."""

    def one(label: str, figure: Range, note: str) -> dict[str, str]:
        low, high = (money(end, found.currency) for end in (figure.low, figure.high))
        between = f"{low} to {high}; {note}"
        return {"label": label, "value": money(figure.value, found.currency), "note": between}

    most = money(found.worst_case, found.currency)
    return [
        one("Added orders bring", found.kept, "margin, with what follows them"),
        one("Expected to cost", found.cost, f"never more than {most}"),
        one("Of that, given away", found.wasted, "to who would order anyway"),
        one("Expected to earn", found.net, f"with {number(found.treated)} coupons"),
    ]


def _nobody(found: WhatIf) -> str:
    """Why nobody gets a coupon: what leaves out most, first."""
    out = sorted((one for one in found.exclusions if one.count), key=lambda one: -one.count)
    if not out:
        return "No customer is in the band or segment with these settings."
    said = "; ".join(f"{one.label}: {number(one.count)}" for one in out)
    return f"Of {number(found.found)} in the band or segment are left out: {said}."


def _basis(found: WhatIf) -> str:
    """What the figures rest on, said as it is."""
    response = found.response
    low, high = f"{response.low:.1f}", f"{response.high:.1f}"
    match response.basis:
        case "UPLIFT":
            rest = (
                "Whom a coupon keeps was measured in your campaigns, on customers the model had"
                f" not seen: as a whole between {low} and {high} times what is expected here."
            )
        case "PAST":
            n = response.campaigns
            rest = (
                f"{n} measured campaign{'' if n == 1 else 's'} of yours and what is assumed"
                " together say that an offer of 15% off multiplies the odds of an order by"
                f" {response.value:.1f}, between {low} and {high}."
            )
        case _:
            rest = (
                "What a coupon changes is an assumption: none of your campaigns was measured to its"
                " last day yet. The range takes an offer of 15% off to multiply the odds of an"
                f" order by anything from {low} to {high}; it is no measured interval."
            )
    kept = percent(found.margin, 0)
    known = (
        f"Of each sale {kept} is counted as margin."
        if found.margin_known
        else f"The costs of most goods are not known: {kept} of each sale is assumed to be margin."
    )
    doubt = (
        "Customers with whom it earns only if it does a little better than that are written to"
        " as well, else it would never be learned."
    )
    return f"{rest} {known} {doubt}"


def _chart(found: WhatIf) -> Any:
    """Over the budget, with the chosen point in a colour of its own."""
    curve = found.curve
    chosen = [
        point.net.value if point.budget == found.settings.budget_amount else None for point in curve
    ]
    return charts.line(
        [money(point.budget, found.currency) for point in curve],
        [
            charts.Series(
                "Expected to earn",
                [point.net.value for point in curve],
                low=[point.net.low for point in curve],
                high=[point.net.high for point in curve],
            ),
            charts.Series("This budget", chosen, tone="s2"),
        ],
        title="What each budget is expected to earn",
        desc="Margin of added orders less cost, with its range, for a quarter to twice the budget.",
        form=partial(compact_money, currency=found.currency),
        across=[point.budget for point in curve],
        width=960,
    )
