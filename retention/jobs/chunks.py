"""Deleting what is old without standing in anybody's way."""

from typing import Any

from django.db.models import QuerySet

CHUNK = 1_000


def delete_in_chunks(rows: QuerySet[Any]) -> int:
    """Delete these rows, the oldest first, and say how many that were, with what hung on them.

    In small deletes, each its own transaction, so that no lock is held for long.
    """
    removed = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        removed += rows.model._default_manager.filter(pk__in=ids).delete()[0]
    return removed
