"""Asks for the work that follows a click or a call, once however often it is asked for."""

from datetime import datetime
from typing import Any

from campaigns.actors import Actor
from campaigns.models import Campaign
from retention.jobs.models import JobRun
from retention.jobs.services.ask import ask

LAUNCH, ISSUE, TRY = "campaigns.launch", "campaigns.issue", "campaigns.try_message"
UNDER_WAY = (JobRun.State.QUEUED, JobRun.State.RUNNING)


def ask_to_launch(campaign: Campaign, *, by: Actor, at: datetime) -> JobRun:
    """Freeze the audience and issue the coupons."""
    user = {"user_id": by.user.pk} if by.user else {}
    return _ask(LAUNCH, campaign, by=by, at=at, actor=by.name, **user)


def ask_to_issue(campaign: Campaign, *, by: Actor, at: datetime) -> JobRun:
    """Issue what is left."""
    return _ask(ISSUE, campaign, by=by, at=at)


def ask_to_try(
    campaign: Campaign, words: dict[str, Any], *, customer_id: int | None, by: Actor, at: datetime
) -> JobRun:
    """Send a test of a message to whoever asks."""
    arguments: dict[str, Any] = {"campaign_id": campaign.pk, "words": words}
    arguments |= {"customer_id": customer_id, "user_id": by.user.pk if by.user else None}
    return ask(TRY, at=at, arguments=arguments, asked_by=by.name)


def latest_run(campaign: Campaign) -> JobRun | None:
    """The newest launch or issue of a campaign, to show how far it is."""
    runs = JobRun.objects.filter(key__startswith=f"{LAUNCH}:{campaign.pk}:") | (
        JobRun.objects.filter(key__startswith=f"{ISSUE}:{campaign.pk}:")
    )
    return runs.order_by("-pk").first()


def is_under_way(campaign: Campaign) -> bool:
    """A launch or an issue of it waits for a worker, or is being done."""
    run = latest_run(campaign)
    return run is not None and run.state in UNDER_WAY


def _ask(job: str, campaign: Campaign, *, by: Actor, at: datetime, **more: Any) -> JobRun:
    # Named by the last that ended: two clicks get one run, a click after a failure a new one. Not
    # by how many ended, for the old ones are forgotten.
    prefix = f"{job}:{campaign.pk}:"
    ended = JobRun.objects.over().filter(key__startswith=prefix)
    last = ended.order_by("-pk").values_list("pk", flat=True).first() or 0
    return ask(
        job,
        at=at,
        arguments={"campaign_id": campaign.pk} | more,
        key=f"{prefix}{last}",
        asked_by=by.name,
    )
