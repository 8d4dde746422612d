from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from retention.access.audit import record
from retention.insights.conditions.wording import stored_words
from retention.insights.models import Segment

from .define_segment import NotARule

NAMED = 5


@dataclass(frozen=True, order=True)
class User:
    """What would mean other customers without a segment. what : as "campaign"."""

    what: str
    name: str
    label: str
    pk: int

    def __str__(self) -> str:
        return f"the {self.what} {self.name}"


class SegmentInUse(Exception):
    """Something else would mean other customers without this segment."""

    def __init__(self, segment: Segment, users: list[User]) -> None:
        named = ", ".join(map(str, users[:NAMED]))
        more = f" and {len(users) - NAMED} more" if len(users) > NAMED else ""
        super().__init__(
            f"{segment} is used by {named}{more}. It can be deleted once nothing uses it."
        )


def delete_segment(segment: Segment, *, by: str, at: datetime) -> None:
    """Delete a segment of a rule, with who was in it and when. Raises SegmentInUse, NotARule."""
    if segment.kind != Segment.Kind.RULE:
        raise NotARule(f"{segment} comes from a training, which would make it again.")
    try:
        with transaction.atomic():
            before = {"name": segment.name, "rule": stored_words(segment.rule)}
            record("delete segment", thing=segment, actor=by, before=before, after={}, at=at)
            segment.delete()
    except ProtectedError as refused:
        raise SegmentInUse(segment, _users(refused)) from None


def users_of(segment: Segment) -> list[User]:
    """What keeps a segment from being deleted: whatever app it is of, since its rows say so."""
    try:
        Collector(using=router.db_for_write(Segment)).collect([segment])
    except ProtectedError as refused:
        return _users(refused)
    return []


def _users(refused: ProtectedError) -> list[User]:
    return sorted(_user(row) for row in refused.protected_objects)


def _user(row: Any) -> User:
    meta = row._meta
    return User(str(meta.verbose_name), str(row), meta.label_lower, row.pk)
