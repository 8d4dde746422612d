"""A campaign as it stands: what it would do, what it does, what it changed."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from campaigns.asking import latest_run
from campaigns.channels.ready import readiness
from campaigns.models import Campaign, Channel, Coupon
from campaigns.selectors.messages import messages_of
from campaigns.selectors.previewed import previewed
from campaigns.selectors.progress import progress_of
from campaigns.selectors.results import results_of
from campaigns.selectors.waves import waves_of
from campaigns.services.draft import plan_of
from campaigns.services.word_message import message_plan_of
from retention.jobs.models import JobRun
from retention.present.lists import VIEW_CUSTOMER

from .cautions import cautions
from .drafting import PAGE
from .export import coupons_csv
from .figures import (
    COLUMNS,
    GROUP_COLUMNS,
    OFFER_COLUMNS,
    between,
    coupon_notes,
    detectable,
    headline,
    offer_rows,
)
from .funnel import funnel, funnel_at_launch
from .general import general_page
from .life import LAUNCH, buttons, history, is_launching, steps, whom
from .moving import BEFORE_LAUNCH
from .pictures import chart_of, group_charts, measures, over_time
from .programme import LOOKS
from .triggered import (
    admissions,
    notes,
    until_words,
    wave_columns,
    wave_rows,
    where_in_waves,
)
from .waiting import quiet_hours, who_can_approve

State = Campaign.State


def campaign_page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    context = site.each_context(request) | _about(request, campaign)
    if campaign.is_general:
        return general_page(request, campaign, context)
    if campaign.launched_at is None:
        if campaign.state != State.CANCELLED:
            now = timezone.now()
            seen, as_of = previewed(campaign, at=now)
            context |= {
                "moment": "as of now" if as_of == now else f"as of {localtime(as_of):%H:%M}",
                "preview": seen,
                "by_uplift": seen.ranked_by == "UPLIFT",
                "funnel": funnel(seen),
                "detectable": detectable(seen),
                "between": between(seen),
                **notes(campaign, seen),
                "cautions": cautions(campaign, seen) + _caution_of(context["channel"]),
            }
        return TemplateResponse(request, "admin/campaigns/campaign/plan.html", context)
    results = results_of(campaign, at=timezone.now())
    progress = progress_of(campaign)
    context |= {
        "progress": progress,
        "results": results,
        "by_uplift": campaign.assignments.exclude(uplift=None).exists(),
        "funnel": funnel_at_launch(campaign),
        "kept_chart": chart_of(results, "KEPT"),
        "with_contacts": request.user.has_perm(VIEW_CUSTOMER),
        "may_launch": request.user.has_perm(LAUNCH),
        "told": messages_of(campaign, context["channel"]),
        "now": timezone.now(),
        **admissions(campaign, at=timezone.now()),
    }
    context |= coupon_notes(campaign, progress)
    return TemplateResponse(request, "admin/campaigns/campaign/running.html", context)


def results_page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    campaign = _campaign(pk)
    if campaign.launched_at is None or campaign.is_general:
        return redirect(PAGE, pk)
    results, waves = results_of(campaign, at=timezone.now()), waves_of(campaign)
    context = site.each_context(request) | {
        "title": f"Result: {campaign.name}",
        "campaign": campaign,
        "results": results,
        "progress": progress_of(campaign),
        "measures": measures(results),
        "group_charts": group_charts(results),
        "group_columns": GROUP_COLUMNS,
        "columns": COLUMNS,
        "offer_rows": offer_rows(results),
        "offer_columns": OFFER_COLUMNS,
        "wave_rows": wave_rows(waves),
        "wave_columns": wave_columns(waves),
        "time_chart": over_time(campaign),
        "page": reverse(PAGE, args=[pk]),
        "verdict_tone": LOOKS.get(results.answer, ""),
        **headline(results),
    }
    return TemplateResponse(request, "admin/campaigns/campaign/results.html", context)


def coupons_page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """Every coupon of a campaign as CSV. Posted, since it is written to the audit log."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.method != "POST":
        return redirect(PAGE, pk)
    return coupons_csv(request, Coupon.objects.filter(campaign=campaign), name=f"coupons-{pk}")


def progress_json(request: HttpRequest, site: AdminSite, pk: int) -> JsonResponse:
    """For parts/progress.html: how far launching and issuing are."""
    campaign = get_object_or_404(Campaign, pk=pk)
    return JsonResponse(_progress(campaign, latest_run(campaign)))


def _campaign(pk: int) -> Campaign:
    people = Campaign.objects.select_related("segment", "created_by", "submitted_by", "approved_by")
    return get_object_or_404(people, pk=pk)


def _about(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    run = latest_run(campaign)
    working = _progress(campaign, run)
    launching = is_launching(campaign)
    can = [
        verb
        for verb in buttons(request, campaign)
        # Asked for once is enough, and what is being launched is no draft any more.
        if not launching or verb.name not in BEFORE_LAUNCH
    ]
    pending = campaign.state == State.PENDING_APPROVAL
    return {
        "title": campaign.name,
        "campaign": campaign,
        "plan": plan_of(campaign),
        "offers": campaign.offers.order_by("pk"),
        "may_export": request.user.has_perm("campaigns.view_coupon"),
        "channel": (channel := message_plan_of(campaign).channel),
        "channel_name": Channel(channel).label,
        "ready": readiness(channel),
        "quiet_hours": quiet_hours(channel),
        "whom": whom(campaign),
        "wave": where_in_waves(campaign, at=timezone.now()),
        "steps": steps(campaign),
        "admits_words": until_words(campaign),
        "buttons": can,
        "may_try": not (
            launching or campaign.launched_at or campaign.has_ended or campaign.is_general
        ),
        "waits_for": who_can_approve(campaign)
        if pending and all(verb.name != "approve" for verb in can)
        else "",
        "may_edit": campaign.state == State.DRAFT
        and request.user.has_perm("campaigns.change_campaign"),
        "history": history(campaign),
        "run": run,
        "working": working,
    }


def _caution_of(channel: str) -> list[str]:
    """What is missing for its messages to go out; nothing where they do."""
    caution = readiness(channel).caution
    return [caution] if caution else []


def _progress(campaign: Campaign, run: JobRun | None) -> dict[str, Any]:
    """label, done, total, message, finished; failed where the work gave up."""
    label = "Launching" if campaign.is_general else "Launching and issuing"
    # What it waits for comes to nothing once it is over.
    if run is None or campaign.has_ended:
        return {
            "label": label,
            "done": 0,
            "total": 0,
            "message": "",
            "finished": True,
            "failed": False,
        }
    failed = run.state == JobRun.State.FAILED
    said = run.error.strip().splitlines()[-1:] if failed else [run.message]
    return {
        "label": label,
        "done": run.done,
        "total": run.total,
        "message": "".join(said)[:300],
        "finished": run.state not in {JobRun.State.QUEUED, JobRun.State.RUNNING},
        "failed": failed,
    }
