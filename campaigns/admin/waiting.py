"""What a campaign waits for, in words: a second person, the end of the night."""

from django.conf import settings
from django.contrib.auth.models import User

from campaigns.models import Campaign, Channel

NAMED = 3


def who_can_approve(campaign: Campaign) -> str:
    """ "Waiting for ben or clara to approve"."""
    may = User.objects.with_perm(
        "campaigns.approve_campaign", backend="django.contrib.auth.backends.ModelBackend"
    )
    own = [pk for pk in (campaign.created_by_id, campaign.submitted_by_id) if pk]
    others = may.exclude(pk__in=own).order_by("username").values_list("username", flat=True)
    names = list(others[: NAMED + 1])
    if not names:
        return "Nobody else may approve: give a second operator that right"
    said = "somebody else" if len(names) > NAMED else " or ".join(names)
    return f"Waiting for {said} to approve"


def quiet_hours(channel: str) -> str:
    """When nothing goes out; empty where nothing is sent from here, or at any hour."""
    begin, end = settings.QUIET_FROM, settings.QUIET_UNTIL
    if channel == Channel.HANDOFF or begin == end:
        return ""
    return f"not from {begin:%H:%M} to {end:%H:%M} on each customer's own clock"
