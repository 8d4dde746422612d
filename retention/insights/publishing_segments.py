"""Who is in which segment, and what changed: what `publishing` is for everything else."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest

from customers.models import Purpose
from retention.insights.models import ModelVersion, Segment, SegmentChange, SegmentMembership
from retention.insights.quality.cleaning import learnable
from retention.insights.turns import take_turn

CHUNK = 2_000


@dataclass(frozen=True)
class SegmentCard:
    """A segment as people see it. profile : JSON."""

    key: str
    name: str
    description: str
    profile: Mapping[str, Any] = field(default_factory=dict)


def publish_segments(
    kind: str,
    cards: Sequence[SegmentCard],
    members: Mapping[int, str],
    *,
    version: ModelVersion,
    at: datetime,
) -> dict[str, int]:
    """Who is in which segment of a kind now; who moved has left the one and entered the other.

    members : customer id → key of a card.
    """
    with transaction.atomic():
        take_turn(f"segments {kind}")
        segments = {card.key: _segment(kind, card, version, at) for card in cards}
        there = SegmentMembership.objects.current().filter(segment__kind=kind)
        current = dict(there.values_list("customer_id", "segment__key"))
        left = [who for who, key in current.items() if members.get(who) != key]
        entered = {who: key for who, key in members.items() if current.get(who) != key}
        _leave(there, left, at)
        _enter({who: segments[key].pk for who, key in entered.items()}, at)
        came, went = Counter(entered.values()), Counter(current[who] for who in left)
        for key, segment in segments.items():
            _changed(segment, came[key], went[key], at)
        Segment.objects.filter(kind=kind).exclude(key__in=segments).update(size=0, computed_at=at)
    return {"entered": len(entered), "left": len(left), "members": len(members)}


def publish_members(segment: Segment, members: Collection[int], *, at: datetime) -> dict[str, int]:
    """Who is in a segment now; who objected or was erased since they were found is not."""
    with transaction.atomic():
        take_turn(f"segment {segment.pk}")
        there = SegmentMembership.objects.current().filter(segment=segment)
        current = set(there.values_list("customer_id", flat=True))
        left = sorted(current.difference(members))
        entered: list[int] = []
        found = sorted(set(members).difference(current))
        for start in range(0, len(found), CHUNK):
            allowed = learnable(Purpose.ANALYTICS).filter(pk__in=found[start : start + CHUNK])
            entered += allowed.values_list("pk", flat=True)
        _leave(there, left, at)
        _enter(dict.fromkeys(entered, segment.pk), at)
        segment.computed_at, segment.problem = at, ""
        segment.save(update_fields=["computed_at", "problem"])
        _changed(segment, len(entered), len(left), at)
    return {"entered": len(entered), "left": len(left), "members": segment.size}


def _leave(there: QuerySet[SegmentMembership], left: list[int], at: datetime) -> None:
    # Nobody leaves before they came: where the data has ended, `at` is earlier than it was.
    gone = Greatest("entered_at", Value(at))
    for start in range(0, len(left), CHUNK):
        there.filter(customer__in=left[start : start + CHUNK]).update(left_at=gone)


def _enter(segments: Mapping[int, int], at: datetime) -> None:
    """segments : customer id → key of the segment they enter."""
    rows = (
        SegmentMembership(segment_id=segment, customer_id=who, entered_at=at)
        for who, segment in segments.items()
    )
    while chunk := list(islice(rows, CHUNK)):
        SegmentMembership.objects.bulk_create(chunk)


def _changed(segment: Segment, entered: int, left: int, at: datetime) -> None:
    """Count the segment, and keep what changed; twice at one moment adds up."""
    segment.size = segment.memberships.filter(left_at=None).count()
    segment.save(update_fields=["size"])
    if entered or left:
        change, _ = SegmentChange.objects.get_or_create(
            segment=segment, at=at, defaults={"size": segment.size}
        )
        change.entered, change.left = change.entered + entered, change.left + left
        change.size = segment.size
        change.save(update_fields=["entered", "left", "size"])


def _segment(kind: str, card: SegmentCard, version: ModelVersion, at: datetime) -> Segment:
    """The row of a card. A name that an operator gave stays."""
    told = {
        "description": card.description,
        "profile": dict(card.profile),
        "version": version,
        "computed_at": at,
    }
    segment, is_new = Segment.objects.update_or_create(
        kind=kind, key=card.key, defaults=told, create_defaults=told | {"name": card.name}
    )
    if not is_new:
        # In one statement, so that who renames it meanwhile is heard.
        Segment.objects.filter(pk=segment.pk, named_by="").update(name=card.name)
    return segment
