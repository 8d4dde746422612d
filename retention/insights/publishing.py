"""Arrays to rows: the only bulk writer. Each function leaves exactly what was computed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from retention.insights.families.family import Progress
from retention.insights.models import (
    ChurnScore,
    ModelVersion,
    ProductPair,
    RecommendationList,
    Segment,
    SegmentMembership,
)

CHUNK = 2_000
SCORE_FIELDS = [
    field.name for field in ChurnScore._meta.concrete_fields if field.name not in {"id", "customer"}
]


def publish_scores(
    scores: Iterable[ChurnScore], *, total: int, at: datetime, progress: Progress
) -> int:
    """Every customer's newest score; who is no longer asked about has none."""
    done = 0
    rows = iter(scores)
    while chunk := list(islice(rows, CHUNK)):
        ChurnScore.objects.bulk_create(
            chunk,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=SCORE_FIELDS,
        )
        done += len(chunk)
        progress(done, total, "Writing scores")
    ChurnScore.objects.filter(computed_at__lt=at).delete()
    return done


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
        segments = {card.key: _segment(kind, card, version, at) for card in cards}
        current = dict(
            SegmentMembership.objects.filter(segment__kind=kind, left_at=None).values_list(
                "customer_id", "segment__key"
            )
        )
        left = [who for who, key in current.items() if members.get(who) != key]
        entered = [who for who, key in members.items() if current.get(who) != key]
        for start in range(0, len(left), CHUNK):
            SegmentMembership.objects.filter(
                segment__kind=kind, left_at=None, customer__in=left[start : start + CHUNK]
            ).update(left_at=at)
        SegmentMembership.objects.bulk_create(
            [
                SegmentMembership(segment=segments[members[who]], customer_id=who, entered_at=at)
                for who in entered
            ],
            batch_size=CHUNK,
        )
        for segment in segments.values():
            segment.size = segment.memberships.filter(left_at=None).count()
            segment.save(update_fields=["size"])
        Segment.objects.filter(kind=kind).exclude(key__in=segments).update(size=0, computed_at=at)
    return {"entered": len(entered), "left": len(left), "members": len(members)}


def _segment(kind: str, card: SegmentCard, version: ModelVersion, at: datetime) -> Segment:
    segment, _ = Segment.objects.update_or_create(
        kind=kind,
        key=card.key,
        defaults={
            "name": card.name,
            "description": card.description,
            "profile": dict(card.profile),
            "version": version,
            "computed_at": at,
        },
    )
    return segment


def publish_lists(
    lists: Iterable[RecommendationList], *, total: int, at: datetime, progress: Progress
) -> int:
    """Every customer's newest list, and the one everybody gets (customer None)."""
    done = 0
    rows = iter(lists)
    # Nothing conflicts with a customer that is NULL: the old common list makes way by hand.
    RecommendationList.objects.filter(customer=None).delete()
    while chunk := list(islice(rows, CHUNK)):
        RecommendationList.objects.bulk_create(
            chunk,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=["version", "items", "computed_at"],
        )
        done += len(chunk)
        progress(done, total, "Writing recommendations")
    RecommendationList.objects.filter(computed_at__lt=at).delete()
    return done


def publish_pairs(pairs: Iterable[ProductPair]) -> int:
    """The products that go together, instead of the ones from before, in one transaction."""
    with transaction.atomic():
        ProductPair.objects.all().delete()
        return len(ProductPair.objects.bulk_create(pairs, batch_size=CHUNK))
