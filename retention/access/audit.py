"""Who changed what, from what, to what. Each entry seals the one before, so an edit shows.

The last entries have none after them: that they are still there, a job checks each night.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model

from .models import AuditEntry

_LOCK = 7_301_118
"""The advisory lock that puts writers of the log in a row."""


def record(
    action: str,
    *,
    thing: Model,
    actor: str,
    at: datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    user: User | None = None,
) -> AuditEntry:
    """Add an entry in the caller's transaction."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Two writers at once would seal the same entry; SQLite's IMMEDIATE already queues them.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = last_seal()
        entry = AuditEntry(
            at=at,
            user=user,
            actor=actor,
            action=action,
            thing=thing._meta.label,
            thing_id=str(thing.pk),
            before=_plain(before),
            after=_plain(after),
        )
        entry.seal = _seal(last, entry)
        entry.save()
    return entry


def first_broken() -> AuditEntry | None:
    """The first entry that no longer fits the one before it; None where the log is whole."""
    last = ""
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.seal != _seal(last, entry):
            return entry
        last = entry.seal
    return None


def last_seal() -> str:
    """Of the newest entry; empty before the first."""
    return AuditEntry.objects.order_by("-pk").values_list("seal", flat=True).first() or ""


def has_seal(seal: str) -> bool:
    """Whether the log still has the entry that was once its last; an empty log is in every log."""
    return not seal or AuditEntry.objects.filter(seal=seal).exists()


def _seal(last: str, entry: AuditEntry) -> str:
    content = [
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.action,
        entry.thing,
        entry.thing_id,
        entry.before,
        entry.after,
    ]
    written = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256((last + written).encode()).hexdigest()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return plain
