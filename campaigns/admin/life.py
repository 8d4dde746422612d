"""The life of a campaign as its pages show it: steps, what can be done next, what was done."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest

from campaigns.actors import Actor
from campaigns.asking import is_under_way
from campaigns.models import Campaign
from campaigns.services.submit import needs_approval
from retention.access.models import AuditEntry

from .triggered import when

State = Campaign.State
CHANGE, APPROVE, LAUNCH = (
    "campaigns.change_campaign",
    "campaigns.approve_campaign",
    "campaigns.launch_campaign",
)


@dataclass(frozen=True)
class Verb:
    """Something that can be done to a campaign in some states, by whom may."""

    name: str
    label: str
    permission: str
    states: tuple[State, ...]
    look: str = ""
    icon: str = ""

    @property
    def page(self) -> str:
        """The name of the page that says what it will do."""
        return f"admin:campaigns_campaign_{self.name}"

    def allowed(self, request: HttpRequest, campaign: Campaign) -> bool:
        if self.name == "approve" and campaign.is_by(request.user.pk):
            return False
        return campaign.state in self.states and request.user.has_perm(self.permission)


VERBS = {
    verb.name: verb
    for verb in (
        Verb("submit", "Send in", CHANGE, (State.DRAFT,), "primary"),
        Verb("approve", "Approve", APPROVE, (State.PENDING_APPROVAL,), "primary", "check"),
        Verb("launch", "Launch", LAUNCH, (State.APPROVED,), "primary", "play"),
        Verb("pause", "Pause", LAUNCH, (State.RUNNING,), "", "pause"),
        Verb("resume", "Resume", LAUNCH, (State.PAUSED,), "primary", "play"),
        Verb("reopen", "Back to draft", CHANGE, (State.PENDING_APPROVAL, State.APPROVED)),
        Verb(
            "cancel",
            "Cancel campaign",
            LAUNCH,
            (State.DRAFT, State.PENDING_APPROVAL, State.APPROVED, State.RUNNING, State.PAUSED),
            "plain",
            "cross",
        ),
    )
}


@dataclass(frozen=True)
class Step:
    """One step of parts/steps.html."""

    label: str
    state: str
    at: datetime | None = None
    by: str = ""


def actor(request: HttpRequest) -> Actor:
    if not request.user.is_authenticated:
        raise ValueError("The admin lets nobody in who is not signed in.")
    return Actor.of(request.user)


def buttons(request: HttpRequest, campaign: Campaign) -> list[Verb]:
    """What this person can do to it now."""
    may = [name for name, verb in VERBS.items() if verb.allowed(request, campaign)]
    return [verb_for(campaign, name) for name in may]


def is_launching(campaign: Campaign) -> bool:
    """A worker was asked to launch it and has not yet."""
    return campaign.state == State.APPROVED and is_under_way(campaign)


def verb_for(campaign: Campaign, name: str) -> Verb:
    """A verb in the words that fit the campaign."""
    verb = VERBS[name]
    if name == "submit" and needs_approval(campaign):
        return replace(verb, label="Send for approval")
    return verb


def steps(campaign: Campaign) -> list[Step]:
    """From the draft to the end, with who took each step and when."""
    done = _steps_done(campaign)
    if campaign.state == State.CANCELLED:
        return [*done, Step("Cancelled", "refused", campaign.ended_at)]
    ahead = ["Draft", "Sent in", "Approved", "Launched", _last(campaign)][len(done) :]
    todo = [Step(label, "todo") for label in ahead[1:]]
    return done + ([Step(ahead[0], "current")] if ahead else []) + todo


def _steps_done(campaign: Campaign) -> list[Step]:
    taken = [
        Step("Draft", "done", campaign.created_at, _name(campaign.created_by)),
        Step("Sent in", "done", campaign.submitted_at, _name(campaign.submitted_by)),
        Step(
            "Approved",
            "done",
            campaign.approved_at,
            _name(campaign.approved_by)
            or ("rule, within the limit" if campaign.approved_at else ""),
        ),
        Step("Launched", "done", campaign.launched_at),
        Step(_last(campaign), "done", campaign.ended_at),
    ]
    if campaign.state == State.DRAFT:
        return []
    if campaign.state == State.CANCELLED:
        return [step for step in taken[:4] if step.at]
    return [step for step in taken if step.at]


def _last(campaign: Campaign) -> str:
    return "Over" if campaign.is_general else "Measured"


def _name(user: object) -> str:
    return str(user) if user else ""


def whom(campaign: Campaign) -> str:
    """Its customers in words: "High risk of leaving, in segment Regulars", after its trigger."""
    bands = " or ".join(band.capitalize() for band in campaign.bands)
    of_bands = f"{bands} risk of leaving" if bands else ""
    of_segment = f"segment {campaign.segment}" if campaign.segment else ""
    group = ", in ".join(part for part in (of_bands, of_segment) if part)
    if campaign.is_general:
        return "Anyone with the code" if campaign.code_for_anyone else f"With the code: {group}"
    return ": ".join(part for part in (when(campaign), group) if part) or "Nobody"


DONE = {
    "draft": "Drafted",
    "redraft": "Edited",
    "message": "Message written",
    "submit": "Sent in",
    "approve": "Approved",
    "launch": "Launched",
    "pause": "Paused",
    "resume": "Resumed",
    "reopen": "Back to draft",
    "cancel": "Cancelled",
    "close": "Closed: nobody more is admitted",
    "complete": "Completed",
    "export": "Coupons exported",
}


@dataclass(frozen=True)
class Deed:
    """One line of a campaign's history, in the words of its page."""

    at: datetime
    done: str
    actor: str
    state: str
    reason: str


def history(campaign: Campaign) -> list[Deed]:
    """What was done to it, newest first."""
    entries = AuditEntry.objects.filter(thing=campaign._meta.label, thing_id=str(campaign.pk))
    return [_deed(entry) for entry in entries.order_by("-pk")[:20]]


def _deed(entry: AuditEntry) -> Deed:
    verb = entry.action.removeprefix("campaign.")
    states = [change["state"] for change in (entry.before, entry.after) if "state" in change]
    return Deed(
        at=entry.at,
        done=DONE.get(verb, verb.capitalize()),
        actor=entry.actor,
        state=" → ".join(State(state).label for state in states),
        reason=entry.after.get("reason", ""),
    )
