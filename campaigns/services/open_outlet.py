from datetime import datetime

from django.db import transaction

from campaigns.actors import Actor
from campaigns.models import Outlet
from retention.access.audit import record


def open_outlet(channel: str, *, by: Actor, at: datetime) -> bool:
    """Let a channel that paused itself send again; False where it does not pause."""
    with transaction.atomic():
        paused = Outlet.objects.exclude(paused_at=None).filter(channel=channel)
        outlet = paused.select_for_update().first()
        if outlet is None:
            return False
        before = {"failures": outlet.failures, "paused_at": outlet.paused_at}
        Outlet.objects.filter(pk=outlet.pk).update(failures=0, paused_at=None)
        record(
            "outlet.open",
            thing=outlet,
            actor=by.name,
            user=by.user,
            at=at,
            before=before,
            after={"channel": channel},
        )
    return True
