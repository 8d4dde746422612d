from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.letters import problems_of
from campaigns.models import Campaign, Channel, MessageTemplate
from retention.access.audit import record

from .draft import NotSound
from .transition import State, WrongState, held, refuse_if_changed


@dataclass(frozen=True, kw_only=True)
class MessagePlan:
    """By which channel a campaign reaches its customers, and in which words."""

    channel: str = Channel.HANDOFF
    subject: str = ""
    body: str = ""
    at_best_hour: bool = False

    def problems(self) -> dict[str, str]:
        """What is wrong with it, by field."""
        if self.channel not in Channel.values:
            known = ", ".join(Channel.values)
            return {"channel": f"No channel {self.channel!r}. Choose from {known}."}
        if self.channel == Channel.HANDOFF:
            return {}
        found = problems_of(self.subject, self.body)
        for field, text, most in (("subject", self.subject, 150), ("body", self.body, 5000)):
            if len(text) > most:
                found[field] = f"The {field} has {len(text)} characters; {most} fit."
        return found


def word_message(
    campaign_id: int, plan: MessagePlan, *, by: Actor, at: datetime, revision: int | None = None
) -> MessageTemplate:
    """Say how a draft reaches its customers. Who approves it later sees these words.

    Raises NotSound, WrongState, ChangedSince.
    """
    if problems := plan.problems():
        raise NotSound(problems)
    with transaction.atomic():
        campaign = held(campaign_id)
        if campaign.state != State.DRAFT:
            raise WrongState(f"{campaign.name!r} is no draft any more. Reopen it to change it.")
        refuse_if_changed(campaign, revision)
        before = asdict(message_plan_of(campaign))
        Campaign.objects.filter(pk=campaign.pk).update(revision=campaign.revision + 1, preview={})
        campaign.refresh_from_db()
        written, _ = MessageTemplate.objects.update_or_create(
            campaign=campaign, defaults=asdict(plan)
        )
        record(
            "campaign.message",
            thing=campaign,
            actor=by.name,
            user=by.user,
            at=at,
            before=before,
            after=asdict(plan) | {"revision": campaign.revision},
        )
    return written


def message_plan_of(campaign: Campaign) -> MessagePlan:
    """As it stands; a hand-off where nobody said anything."""
    template = MessageTemplate.objects.filter(campaign=campaign).first()
    if template is None:
        return MessagePlan()
    return MessagePlan(
        channel=template.channel,
        subject=template.subject,
        body=template.body,
        at_best_hour=template.at_best_hour,
    )
