"""Every move of a campaign says what it will do, to how many, at what cost, before it does it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.asking import ask_to_issue, ask_to_launch
from campaigns.models import Campaign
from campaigns.services.approve import NotYours, approve_campaign
from campaigns.services.cancel import cancel_campaign
from campaigns.services.launch import NobodyToTreat, refuse_unlaunchable
from campaigns.services.pause import pause_campaign
from campaigns.services.reopen import reopen_campaign
from campaigns.services.resume import resume_campaign
from campaigns.services.submit import submit_campaign
from campaigns.services.transition import (
    ChangedSince,
    State,
    WrongState,
    held,
    refuse_if_changed,
)

from .drafting import PAGE
from .funnel import funnel
from .life import actor, is_launching, verb_for
from .waiting import who_can_approve
from .words import WORDS, launch_words

BEFORE_LAUNCH = ("launch", "reopen")
"""What is too late once a launch was asked for."""


def move(request: HttpRequest, site: AdminSite, pk: int, name: str) -> HttpResponse:
    """GET says what will happen; POST does it."""
    campaign = get_object_or_404(Campaign, pk=pk)
    verb = verb_for(campaign, name)
    if not request.user.has_perm(verb.permission):
        raise PermissionDenied(f"To {name} campaigns is not among your rights.")
    if campaign.state not in verb.states:
        messages.error(request, f"{campaign} is {campaign.get_state_display().lower()} by now.")
        return redirect(PAGE, pk)
    if name in BEFORE_LAUNCH and is_launching(campaign):
        messages.error(request, f"{campaign} is being launched already. It can only be cancelled.")
        return redirect(PAGE, pk)
    if request.method == "POST":
        return _done(request, campaign, name)
    if name == "approve" and campaign.is_by(request.user.pk):
        messages.error(request, f"Nobody approves their own. {who_can_approve(campaign)}.")
        return redirect(PAGE, pk)
    words = WORDS[name](campaign)
    context = site.each_context(request) | {
        "title": f"{verb.label}: {campaign.name}",
        "campaign": campaign,
        "verb": verb,
        "words": words,
        "steps": funnel(words.seen) if words.seen else [],
        "danger": name == "cancel",
        "coupons_out": campaign.coupons.live(timezone.now()).count() if name == "cancel" else 0,
        "back": reverse(PAGE, args=[pk]),
    }
    return TemplateResponse(request, "admin/campaigns/campaign/confirm.html", context)


def _done(request: HttpRequest, campaign: Campaign, name: str) -> HttpResponse:
    try:
        with transaction.atomic():
            _refuse_if_moved(request, held(campaign.pk))
            done = DEEDS[name](request, campaign)
    except (WrongState, ChangedSince, NotYours, NobodyToTreat) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(PAGE, campaign.pk)


def _refuse_if_moved(request: HttpRequest, campaign: Campaign) -> None:
    """What the page said is true of the state and the revision it was opened in. Raises
    ChangedSince."""
    seen = request.POST.get("state", campaign.state)
    if seen != campaign.state and seen in State.values:
        raise ChangedSince(
            f"{campaign} is {campaign.get_state_display().lower()} by now; when you opened the page"
            f" it was {State(seen).label.lower()}. Nothing was done: look at it again."
        )
    refuse_if_changed(campaign, _revision_seen(request))


def _submit(request: HttpRequest, campaign: Campaign) -> str:
    sent = submit_campaign(campaign.pk, by=actor(request), at=timezone.now())
    if sent.state == Campaign.State.APPROVED:
        return "Within the limit, so it needs no second person. It can be launched."
    return "Sent for approval. It waits for a second person."


def _approve(request: HttpRequest, campaign: Campaign) -> str:
    approve_campaign(campaign.pk, by=actor(request), at=timezone.now())
    return "Approved. It can be launched."


def _launch(request: HttpRequest, campaign: Campaign) -> str:
    refuse_unlaunchable(campaign)
    ask_to_launch(campaign, by=actor(request), at=timezone.now())
    return f"Launching: {launch_words(campaign)}"


def _pause(request: HttpRequest, campaign: Campaign) -> str:
    pause_campaign(campaign.pk, by=actor(request), at=timezone.now())
    return "Paused."


def _resume(request: HttpRequest, campaign: Campaign) -> str:
    resume_campaign(campaign.pk, by=actor(request), at=timezone.now())
    ask_to_issue(campaign, by=actor(request), at=timezone.now())
    return "Running again."


def _reopen(request: HttpRequest, campaign: Campaign) -> str:
    reason = request.POST.get("reason", "")[:300]
    reopen_campaign(campaign.pk, by=actor(request), at=timezone.now(), reason=reason)
    return "A draft again."


def _cancel(request: HttpRequest, campaign: Campaign) -> str:
    cancel_campaign(
        campaign.pk,
        by=actor(request),
        at=timezone.now(),
        void_coupons="void_coupons" in request.POST,
    )
    return "Cancelled."


def _revision_seen(request: HttpRequest) -> int | None:
    seen = request.POST.get("revision", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


DEEDS: dict[str, Callable[[HttpRequest, Campaign], str]] = {
    "submit": _submit,
    "approve": _approve,
    "launch": _launch,
    "pause": _pause,
    "resume": _resume,
    "reopen": _reopen,
    "cancel": _cancel,
}
