"""The page where a campaign's message is written, seen as a customer would, and tried."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from campaigns.asking import ask_to_try
from campaigns.channels.files import file_of
from campaigns.channels.ready import readiness
from campaigns.letters import Letter
from campaigns.models import Campaign, Channel, MessageTemplate
from campaigns.selectors.letter import SAMPLE_KEY, sample_letter
from campaigns.selectors.previewed import previewed
from campaigns.services.draft import NotSound
from campaigns.services.open_outlet import open_outlet
from campaigns.services.transition import ChangedSince, WrongState
from campaigns.services.word_message import MessagePlan, message_plan_of, word_message
from customers.models import Customer
from retention.present.lists import VIEW_CUSTOMER

from .life import CHANGE, LAUNCH, actor
from .message_form import FIRST_BODY, FIRST_SUBJECT, MessageForm

PAGE, EDITOR = "admin:campaigns_campaign_change", "admin:campaigns_campaign_message"
SHOWN = 20


def message_page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """GET shows the words; POST looks at what was typed, tries it, or keeps it."""
    campaign = get_object_or_404(Campaign, pk=pk)
    may_edit = campaign.state == Campaign.State.DRAFT and request.user.has_perm(CHANGE)
    if request.method == "POST" and not request.user.has_perm(CHANGE):
        raise PermissionDenied
    form = _form(request, campaign)
    plan = message_plan_of(campaign)
    if request.method == "POST" and form.is_valid():
        plan = form.plan() if may_edit else plan
        if problems := plan.problems():
            form.say(problems)
        elif "save" in request.POST and may_edit:
            return _kept(request, campaign, form, plan)
    shown = _shown(request, campaign, plan) if not plan.problems() else {}
    if request.method == "POST" and "test" in request.POST and shown:
        _try(request, campaign, plan, shown["chosen"])
    context: dict[str, Any] = site.each_context(request) | {
        "title": f"Message: {campaign.name}",
        "campaign": campaign,
        "form": form,
        "may_edit": may_edit,
        "may_try": request.user.has_perm(CHANGE),
        "ready": [(channel, readiness(channel)) for channel in Channel],
        "back": reverse(PAGE, args=[pk]),
        "operator": request.user,
        **shown,
    }
    return TemplateResponse(request, "admin/campaigns/campaign/message.html", context)


def again(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Let the channel of a campaign send again after it paused itself."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.method != "POST" or not request.user.has_perm(LAUNCH):
        raise PermissionDenied
    channel = message_plan_of(campaign).channel
    if open_outlet(channel, by=actor(request), at=timezone.now()):
        messages.success(request, "Sending again: within a minute the next messages go out.")
    return redirect(PAGE, pk)


def _form(request: HttpRequest, campaign: Campaign) -> MessageForm:
    if request.method == "POST":
        return MessageForm(request.POST)
    first = asdict(message_plan_of(campaign))
    first["subject"] = first["subject"] or FIRST_SUBJECT
    first["body"] = first["body"] or FIRST_BODY
    return MessageForm(initial=first | {"revision": campaign.revision})


def _kept(
    request: HttpRequest, campaign: Campaign, form: MessageForm, plan: MessagePlan
) -> HttpResponse:
    try:
        word_message(
            campaign.pk,
            plan,
            by=actor(request),
            at=timezone.now(),
            revision=form.cleaned_data["revision"],
        )
    except (ChangedSince, WrongState, NotSound) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Kept. Nothing is sent before the launch.")
    return redirect(PAGE, campaign.pk)


def _shown(request: HttpRequest, campaign: Campaign, plan: MessagePlan) -> dict[str, Any]:
    """The letter to one of the audience, where the operator may see customers."""
    if plan.channel == Channel.HANDOFF:
        return {}
    people = _audience(campaign) if request.user.has_perm(VIEW_CUSTOMER) else []
    asked = request.POST.get("customer", "")
    place = next((n for n, one in enumerate(people) if one.external_id == asked), 0)
    if "next" in request.POST and people:
        place = (place + 1) % len(people)
    customer = people[place] if people else None
    template = MessageTemplate(campaign=campaign, **asdict(plan))
    letter = sample_letter(campaign, template, customer, at=timezone.now())
    return {"letter": letter, "page": _page(letter), "people": people, "chosen": customer}


def _page(letter: Letter) -> SafeString:
    # Ours but for what letters.py escaped.
    return mark_safe(letter.html)  # noqa: S308


def _audience(campaign: Campaign) -> list[Customer]:
    """Some who would get it, or who did, the best ranked first."""
    if campaign.launched_at is None:
        first = [one.id for one in previewed(campaign, at=timezone.now())[0].first]
    else:
        drawn = campaign.assignments.filter(arm="TREATMENT").exclude(customer=None)
        ids = drawn.order_by("rank").values_list("customer", flat=True)[:SHOWN]
        first = [pk for pk in ids if pk is not None]
    found = Customer.objects.named().in_bulk(first)
    return [found[pk] for pk in first if pk in found]


def _try(
    request: HttpRequest, campaign: Campaign, plan: MessagePlan, customer: Customer | None
) -> None:
    """To the operator's own address, or to the shop's own webhook, by a worker."""
    own = getattr(request.user, "email", "")
    if plan.channel == Channel.EMAIL and not own:
        messages.error(request, "Your account has no e-mail address: add it under Operators.")
        return
    if missing := readiness(plan.channel).missing:
        messages.error(request, missing)
        return
    ask_to_try(
        campaign,
        asdict(plan),
        customer_id=customer.pk if customer else None,
        by=actor(request),
        at=timezone.now(),
    )
    where = own if plan.channel == Channel.EMAIL else "the webhook"
    if plan.channel == Channel.EMAIL and not settings.MAIL_IS_SET_UP:
        where = f"nobody, for no mail server is set up: it becomes the file {file_of(SAMPLE_KEY)}"
    messages.success(request, f"On its way to {where}. Jobs says if it fails.")
