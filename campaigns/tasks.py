"""What campaigns do by themselves. Each job may run twice and be killed at any moment."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.utils import timezone

from campaigns.actors import SCHEDULE, Actor
from campaigns.carrying import NotCarried
from campaigns.channels.files import clear_files
from campaigns.channels.ready import carriers, readiness
from campaigns.models import Campaign
from campaigns.services.admit import admit_customers
from campaigns.services.finish import finish_campaign
from campaigns.services.hold_out import hold_out_customers
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import NobodyToTreat, launch_campaign
from campaigns.services.measure import measure_campaign
from campaigns.services.measure_programme import measure_programme
from campaigns.services.send import send_messages
from campaigns.services.transition import WrongState
from campaigns.services.try_message import try_message
from campaigns.services.word_message import MessagePlan
from retention.jobs.registry import Refused, Running, job
from retention.jobs.running import Stopped

log = logging.getLogger(__name__)
T = TypeVar("T")


@job(
    "campaigns.launch",
    title="Launch a campaign",
    queue="campaigns",
    retries=20,
    schedulable=False,
)
def launch(
    run: Running, *, campaign_id: int, actor: str, user_id: int | None = None, **_: Any
) -> dict[str, Any]:
    """Freeze the audience, if no earlier start did, or the first wave, and issue the coupons."""
    person = get_user_model().objects.filter(pk=user_id).first() if user_id else None
    try:
        launch_campaign(campaign_id, by=Actor(actor, person), at=run.at, progress=run.progress)
    except (NobodyToTreat, WrongState) as refused:
        # Launched by an earlier start of this run, it goes on; else the operator has to know.
        if Campaign.objects.get(pk=campaign_id).launched_at is None:
            raise Refused(str(refused)) from refused
    if Campaign.objects.get(pk=campaign_id).is_in_waves:
        return {"admitted": admit_customers(campaign_id, at=run.at, progress=run.progress)}
    return {"issued": issue_coupons(campaign_id, at=run.at, progress=run.progress)}


@job("campaigns.issue", title="Issue coupons", queue="campaigns", retries=20)
def issue(run: Running, *, campaign_id: int | None = None, **_: Any) -> dict[str, Any]:
    """What is left of one campaign, or of every running one."""
    left = Campaign.objects.filter(
        state="RUNNING", chunks__isnull=False, chunks__done_at=None
    ).distinct()
    chosen = [campaign_id] if campaign_id else list(left.values_list("pk", flat=True))
    issued = _each(chosen, lambda pk: issue_coupons(pk, at=run.at, progress=run.progress))
    return {"campaigns": len(chosen), "issued": sum(issued)}


@job("campaigns.admit", title="Admit customers by triggers", queue="campaigns", retries=20)
def admit(run: Running, *, campaign_id: int | None = None, **_: Any) -> dict[str, Any]:
    """Whom the trigger or calendar of one campaign chose, or that of every running one."""
    admitting = Campaign.objects.admitting(run.at).values_list("pk", flat=True)
    chosen = [campaign_id] if campaign_id else list(admitting)
    admitted = _each(chosen, lambda pk: admit_customers(pk, at=run.at, progress=run.progress))
    return {"campaigns": len(chosen), "admitted": sum(admitted)}


@job("campaigns.send", title="Send messages", queue="campaigns", retries=3)
def send(run: Running, **_: Any) -> dict[str, Any]:
    """Every message that is due, by the channels that are set up."""
    ready = carriers(now=timezone.now)
    try:
        return {"sent": send_messages(ready, now=timezone.now, progress=run.progress)}
    finally:
        for carrier in ready.values():
            carrier.close()


@job(
    "campaigns.try_message",
    title="Send a test of a message",
    queue="campaigns",
    retries=0,
    schedulable=False,
)
def try_out(
    run: Running,
    *,
    campaign_id: int,
    words: dict[str, Any],
    customer_id: int | None,
    user_id: int,
    **_: Any,
) -> dict[str, Any]:
    """To whoever asked for it: the address is read here, and in no argument."""
    plan, ready = MessagePlan(**words), carriers(now=timezone.now)
    carrier = ready.get(plan.channel)
    if carrier is None:
        raise Refused(readiness(plan.channel).missing)
    to = get_user_model().objects.get(pk=user_id).email
    try:
        try_message(
            campaign_id, plan, customer_id=customer_id, email=to, carrier=carrier, at=run.at
        )
    except NotCarried as failure:
        raise Refused(str(failure)) from failure
    finally:
        for one in ready.values():
            one.close()
    return {"sent": 1}


@job("campaigns.clear_mail", title="Delete e-mails kept as files", queue="campaigns")
def clear_mail(run: Running, **_: Any) -> dict[str, Any]:
    return {"deleted": clear_files(at=run.at)}


@job("campaigns.measure", title="Measure campaigns", queue="campaigns", retries=3)
def measure(run: Running, *, campaign_id: int | None = None, **_: Any) -> dict[str, Any]:
    """One campaign, or every one that is measuring or was until lately: facts may come late."""
    due = Campaign.objects.to_measure(run.at) if campaign_id is None else []
    chosen = [campaign_id] if campaign_id else [campaign.pk for campaign in due]

    def measured(pk: int) -> None:
        measure_campaign(pk, at=run.at)
        run.progress(run.noted[0] + 1, len(chosen), f"campaign {pk}")

    _each(chosen, measured)
    return {"campaigns": len(chosen)}


@job("campaigns.measure_programme", title="Measure all campaigns together", queue="campaigns")
def measure_all(run: Running, **_: Any) -> dict[str, Any]:
    """Against customers who get none: each month that is over, once facts had time to come."""
    return {"months": measure_programme(at=run.at)}


@job("campaigns.finish", title="Complete campaigns that were measured", queue="campaigns")
def finish(run: Running, **_: Any) -> dict[str, Any]:
    due = [campaign.pk for campaign in Campaign.objects.to_finish(run.at)]

    def finished(pk: int) -> None:
        done = finish_campaign(pk, by=SCHEDULE, at=run.at)
        run.progress(run.noted[0] + 1, len(due), done.name)

    _each(due, finished)
    return {"completed": len(due)}


@job("campaigns.hold_out", title="Draw the global holdout", queue="campaigns")
def hold_out(run: Running, **_: Any) -> dict[str, Any]:
    return {"entered": hold_out_customers(at=run.at, progress=run.progress)}


def _each(chosen: Iterable[int], work: Callable[[int], T]) -> list[T]:
    """The work on every campaign: one that fails keeps no other waiting. Its error comes last."""
    done, failed = [], []
    for pk in chosen:
        try:
            done.append(work(pk))
        except Stopped:
            raise
        except Exception as error:
            log.exception("Campaign %s failed; the others go on.", pk)
            failed.append(error)
    if failed:
        raise failed[0]
    return done
