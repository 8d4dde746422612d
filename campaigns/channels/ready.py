"""Which channels this installation can send by, and what is missing for the others."""

from dataclasses import dataclass

from django.conf import settings

from campaigns.carrying import Carrier, Clock
from campaigns.models import Channel

from .mail import Mailer
from .webhook import Unsafe, Webhook, safe


@dataclass(frozen=True)
class Readiness:
    """missing : what keeps a channel from sending; note : what an operator should know of it.

    reaches_nobody : it only looks like sending.
    """

    missing: str = ""
    note: str = ""
    reaches_nobody: bool = False

    @property
    def caution(self) -> str:
        return self.missing or (self.note if self.reaches_nobody else "")


def readiness(channel: str) -> Readiness:
    match channel:
        case Channel.EMAIL:
            return _of_mail()
        case Channel.WEBHOOK:
            return _of_webhook()
    return Readiness(note="Take the file on the campaign's page: taking it hands them over.")


def carriers(*, now: Clock) -> dict[str, Carrier]:
    """Those that are set up."""
    made: dict[str, Carrier] = {}
    if not _of_mail().missing:
        made[Channel.EMAIL] = Mailer()
    if not _of_webhook().missing:
        made[Channel.WEBHOOK] = Webhook(
            settings.WEBHOOK_URL, secret=settings.WEBHOOK_SECRET, now=now
        )
    return made


def _of_mail() -> Readiness:
    if not settings.MAIL_IS_SET_UP:
        return Readiness(
            note="No mail server is set up: e-mails are written to files in the data folder and"
            " reach nobody. Set EMAIL_URL to send them.",
            reaches_nobody=True,
        )
    if not settings.PUBLIC_URL:
        return Readiness(
            "PUBLIC_URL is not set: the unsubscribe links would lead nowhere. Nothing is sent"
            " until it is."
        )
    return Readiness(note=f"Sent from {settings.DEFAULT_FROM_EMAIL}.")


def _of_webhook() -> Readiness:
    if not settings.WEBHOOK_URL:
        return Readiness("No webhook is set up. Set WEBHOOK_URL; messages wait until it is.")
    try:
        host = safe(settings.WEBHOOK_URL).hostname
    except Unsafe as error:
        return Readiness(str(error))
    if not settings.PUBLIC_URL:
        return Readiness("PUBLIC_URL is not set: the unsubscribe links would lead nowhere.")
    return Readiness(note=f"Posted to {host}, signed.")
