"""Who has bought what leads a rule and not yet what follows: whom an offer of the pair is for."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from customers.models import Customer, Event, Purpose
from retention.insights.models import AssociationRule, Segment, SegmentMembership
from retention.insights.quality.cleaning import learnable

SMALLEST_GROUP = 10
"""Fewer are shown as "<10" and never by name."""


@dataclass(frozen=True)
class Group:
    """Those of them who are in one segment."""

    segment: Segment
    count: int


@dataclass(frozen=True)
class HalfBuyers:
    """How many they are, and in which RFM segments, the largest first and no small ones."""

    count: int
    groups: tuple[Group, ...]

    @property
    def is_small(self) -> bool:
        return self.count < SMALLEST_GROUP

    @property
    def words(self) -> str:
        return f"<{SMALLEST_GROUP}" if self.is_small else f"{self.count:,}"


def half_buyers(rule: AssociationRule) -> QuerySet[Customer]:
    """Whom learning is about, who have bought all of the antecedent and never the consequent.

    Looks at every purchase once: events know no order by product.
    """
    leading = [product.pk for product in rule.antecedent.all()]
    bought = Event.objects.purchases().filter(
        product__in=[*leading, rule.consequent_id], customer__isnull=False
    )
    halves = (
        bought.order_by()
        .values("customer")
        .annotate(
            had=Count("product", distinct=True, filter=Q(product__in=leading)),
            followed=Count("pk", filter=Q(product=rule.consequent_id)),
        )
        .filter(had=len(leading), followed=0)
    )
    return learnable(Purpose.ANALYTICS).filter(pk__in=halves.values("customer"))


def count_half_buyers(rule: AssociationRule) -> HalfBuyers:
    """How many there are now, and where."""
    who = set(half_buyers(rule).values_list("pk", flat=True))
    members = SegmentMembership.objects.current().filter(segment__kind=Segment.Kind.RFM)
    placed = members.values_list("customer_id", "segment_id") if who else ()
    counted = Counter(segment for customer, segment in placed if customer in who)
    segments = Segment.objects.in_bulk(counted)
    groups = [
        Group(segments[key], count)
        for key, count in counted.most_common()
        if count >= SMALLEST_GROUP
    ]
    return HalfBuyers(len(who), tuple(groups))
