from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Campaign
from campaigns.plans import CampaignPlan

from .draft import as_kept, draft_campaign, plan_of
from .transition import State

JUST_NOW = timedelta(minutes=10)


def draft_once(plan: CampaignPlan, *, by: Actor, at: datetime) -> Campaign:
    """A new draft; or the one, the same in all, that the person made just now: a form is sent
    twice by two clicks, or by going back in the browser. Raises NotSound."""
    with transaction.atomic():
        if by.user is not None:
            # One after the other. Only `no_key`: entries of the audit log may refer to them.
            User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
        return _drafted_just_now(plan, by, at) or draft_campaign(plan, by=by, at=at)


def _drafted_just_now(plan: CampaignPlan, by: Actor, at: datetime) -> Campaign | None:
    if by.user is None:
        return None
    drafts = Campaign.objects.filter(
        created_by=by.user, state=State.DRAFT, created_at__gte=at - JUST_NOW, name=plan.name.strip()
    )
    same = (one for one in drafts.order_by("-pk") if plan_of(one) == as_kept(plan))
    return next(same, None)
