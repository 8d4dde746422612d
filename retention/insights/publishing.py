"""Arrays to rows: the only bulk writer. Each function leaves exactly what was computed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest

from customers.models import CustomerMerge, Purpose
from retention.insights.families.family import Progress
from retention.insights.models import (
    AssociationRule,
    ChurnScore,
    DataCheck,
    DataFinding,
    ModelVersion,
    ProductPair,
    RecommendationList,
    RfmScore,
    Segment,
    SegmentChange,
    SegmentMembership,
)
from retention.insights.quality.cleaning import learnable
from retention.insights.turns import take_turn

CHUNK = 2_000
SCORE_FIELDS = [
    field.name for field in ChurnScore._meta.concrete_fields if field.name not in {"id", "customer"}
]


def publish_scores(scores: Iterable[ChurnScore], *, total: int, progress: Progress) -> int:
    """Every customer's newest score; who is no longer asked about, or objected meanwhile, has none.

    Run again, or cut off and run again, it leaves the same rows.
    """
    written: set[int] = set()
    rows = iter(scores)
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            kept = _still_allowed(chunk, Purpose.ANALYTICS)
            ChurnScore.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=SCORE_FIELDS,
            )
        written.update(score.customer_id for score in kept)
        progress(len(written), total, "Writing scores")
    _remove_all_but(written, ChurnScore.objects.all())
    return len(written)


def publish_rfm(scores: Iterable[RfmScore]) -> int:
    """Every buyer's newest scores, in one transaction: the movement of some beside the old scores
    of others would add up to nothing."""
    written: set[int] = set()
    rows = iter(scores)
    with transaction.atomic():
        take_turn("rfm scores")
        while chunk := list(islice(rows, CHUNK)):
            kept = _still_allowed(chunk, Purpose.ANALYTICS)
            RfmScore.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=["recency", "frequency", "money", "name", "history", "as_of"],
            )
            written.update(score.customer_id for score in kept)
        _remove_all_but(written, RfmScore.objects.all())
    return len(written)


Row = TypeVar("Row", ChurnScore, RecommendationList, RfmScore)


def _still_allowed(rows: list[Row], purpose: Purpose) -> list[Row]:
    """Without the rows of customers who objected, were erased, or were left out of learning, since
    the computing began."""
    asked = [row.customer_id for row in rows if row.customer_id is not None]
    allowed = set(learnable(purpose).filter(pk__in=asked).values_list("pk", flat=True))
    return [row for row in rows if row.customer_id in allowed]


def _regrouped_since(moment: datetime) -> set[int]:
    """Customers who were others when a model learned at that moment."""
    pairs = CustomerMerge.objects.changed_since(moment).values_list("kept", "absorbed")
    return {customer for pair in pairs for customer in pair}


def _remove_all_but(written: Collection[int], rows: QuerySet[Any]) -> None:
    # Not by time: computed again as of the same moment, those who are gone would stay.
    there = set(rows.values_list("customer_id", flat=True))
    gone = sorted(there.difference(written))
    for start in range(0, len(gone), CHUNK):
        rows.filter(customer__in=gone[start : start + CHUNK]).delete()


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


def publish_lists(
    common: Sequence[RecommendationList],
    own: Iterable[RecommendationList],
    *,
    total: int,
    progress: Progress,
) -> int:
    """The lists that everybody gets, and the newest of each customer who has one of their own.

    Who was merged, or parted again, since the model learned has none: theirs is folded in.
    """
    with transaction.atomic():
        take_turn("the common lists")
        # Nothing conflicts with a customer that is NULL: the old common lists make way by hand.
        RecommendationList.objects.filter(customer=None).delete()
        shared = len(RecommendationList.objects.bulk_create(common, batch_size=CHUNK))
    written: set[int] = set()
    rows = iter(own)
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            others = _regrouped_since(common[0].version.run.learned_at)
            allowed = _still_allowed(chunk, Purpose.RECOMMENDATION)
            kept = [row for row in allowed if row.customer_id not in others]
            RecommendationList.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["customer"],
                update_fields=["version", "items", "computed_at"],
            )
        written.update(row.customer_id for row in kept if row.customer_id)
        progress(len(written), total, "Writing recommendations")
    _remove_all_but(written, RecommendationList.objects.exclude(customer=None))
    return shared + len(written)


def publish_pairs(pairs: Iterable[ProductPair]) -> int:
    """The products that go together, instead of the ones from before, in one transaction."""
    written = 0
    rows = iter(pairs)
    with transaction.atomic():
        take_turn("pairs")
        ProductPair.objects.all().delete()
        while chunk := list(islice(rows, CHUNK)):
            written += len(ProductPair.objects.bulk_create(chunk))
    return written


def publish_rules(rules: Sequence[tuple[AssociationRule, Collection[int]]]) -> int:
    """The rules with the products that lead each, instead of the ones from before, at once."""
    leads = AssociationRule.antecedent.through
    with transaction.atomic():
        take_turn("association rules")
        AssociationRule.objects.all().delete()
        for start in range(0, len(rules), CHUNK):
            chunk = rules[start : start + CHUNK]
            AssociationRule.objects.bulk_create([rule for rule, _ in chunk])
            leads.objects.bulk_create(
                [
                    leads(associationrule_id=rule.pk, product_id=product)
                    for rule, products in chunk
                    for product in products
                ]
            )
    return len(rules)


def publish_check(check: DataCheck, findings: Sequence[DataFinding]) -> DataCheck:
    """What was found in the data, instead of what was found before."""
    asked = {finding.customer_id for finding in findings if finding.customer_id is not None}
    with transaction.atomic():
        take_turn("data check")
        allowed = set(
            learnable(Purpose.ANALYTICS).filter(pk__in=asked).values_list("pk", flat=True)
        )
        DataFinding.objects.all().delete()
        DataFinding.objects.bulk_create(
            [one for one in findings if one.customer_id is None or one.customer_id in allowed]
        )
        check.save()
    return check
