"""`manage.py check` says what is misconfigured, and what to do about it."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from campaigns.channels.ready import readiness
from customers.models import Purpose
from retention.present.currencies import CODES

LARGEST_HOLDOUT = 0.5
FAIRNESS_ATTRIBUTES = ("locale", "timezone")


@register(Tags.compatibility)
def check_shop(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Currency, purposes and shares are what they should be."""
    found: list[CheckMessage] = []
    if settings.SHOP_CURRENCY not in CODES:
        found.append(
            Error(
                f"SHOP_CURRENCY is {settings.SHOP_CURRENCY!r}.",
                hint="Give a code of ISO 4217 in capital letters, as in GBP.",
                id="retention.E001",
            )
        )
    if unknown := sorted(set(settings.CONSENT_ASSUMED) - set(Purpose.values)):
        found.append(
            Error(
                f"CONSENT_ASSUMED names {', '.join(unknown)}.",
                hint=f"Choose from {', '.join(Purpose.values)}.",
                id="retention.E003",
            )
        )
    return found + _campaign_settings()


def _campaign_settings() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not 0 <= settings.GLOBAL_HOLDOUT_SHARE <= LARGEST_HOLDOUT:
        found.append(
            Error(
                f"GLOBAL_HOLDOUT_SHARE is {settings.GLOBAL_HOLDOUT_SHARE}.",
                hint="Give a share from 0 to 0.5; 0.05 leaves one customer in twenty out.",
                id="retention.E004",
            )
        )
    if unknown := sorted(set(settings.FAIRNESS_ATTRIBUTES) - set(FAIRNESS_ATTRIBUTES)):
        found.append(
            Error(
                f"FAIRNESS_ATTRIBUTES names {', '.join(unknown)}.",
                hint=f"Choose from {', '.join(FAIRNESS_ATTRIBUTES)}.",
                id="retention.E008",
            )
        )
    return found


@register(Tags.compatibility)
def check_discount(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Money of later is worth less, and something."""
    if 0 <= settings.CLV_DISCOUNT < 1:
        return []
    return [
        Error(
            f"CLV_DISCOUNT is {settings.CLV_DISCOUNT}.",
            hint="Give a yearly rate from 0 to below 1; 0.1 counts 110 of next year as 100.",
            id="retention.E007",
        )
    ]


@register(Tags.compatibility)
def check_channels(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What was set up to carry messages can."""
    set_up = {"EMAIL": settings.MAIL_IS_SET_UP, "WEBHOOK": bool(settings.WEBHOOK_URL)}
    return [
        Warning(missing, hint="See docs/operators/sending.md.", id="retention.W003")
        for channel, is_set_up in set_up.items()
        if is_set_up and (missing := readiness(channel).missing)
    ]


@register(Tags.security)
def check_places(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The data folder can be written, and nobody else can read the secrets in it."""
    found: list[CheckMessage] = []
    folder = Path(settings.ARTIFACT_DIR).parent
    if folder.exists() and not os.access(folder, os.W_OK):
        found.append(
            Error(
                f"The data folder {folder.name!r} cannot be written.",
                hint="Give it to the user that runs the product, or set RETENTION_DATA_DIR.",
                id="retention.E005",
            )
        )
    found += [
        Error(
            f"Other users may read the secret {secret.name!r}.",
            hint="chmod 600 it; if they may have read it, delete it to get a new one.",
            id="retention.E006",
        )
        for secret in (folder / "secrets").glob("*")
        if secret.stat().st_mode & 0o077
    ]
    return found


@register(Tags.security, deploy=True)
def check_servers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What production needs beyond a first look."""
    found: list[CheckMessage] = []
    if settings.IS_SQLITE and settings.REDIS_URL:
        found.append(
            Warning(
                "REDIS_URL is set but the database is SQLite.",
                hint="Several workers on one SQLite file queue for its lock: set DATABASE_URL.",
                id="retention.W001",
            )
        )
    if not os.environ.get("SECRET_KEY"):
        found.append(
            Warning(
                "SECRET_KEY comes from a file in the data folder.",
                hint="With more than one machine, set SECRET_KEY to the same value on each.",
                id="retention.W002",
            )
        )
    return found
