"""A row by the shop's own id, as an address names it."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from retention.access.api import Problem

M = TypeVar("M", bound=Model)


def by_external_id(rows: QuerySet[M], external_id: str) -> M:
    """Problem 404 where there is none."""
    # No database holds NUL, and PostgreSQL refuses to look for it.
    row = None if "\x00" in external_id else rows.filter(external_id=external_id).first()
    if row is None:
        noun = rows.model._meta.verbose_name
        raise Problem(404, "Not found", f"There is no {noun} {external_id!r}.")
    return row
