"""Who has bought what leads a rule and not yet what follows: whom an offer of the pair is for."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from customers.models import Customer, Event, Purpose
from retention.insights.models import AssociationRule, Segment, SegmentMembership
from retention.insights.quality.cleaning import learnable
from retention.present.groups import FEWEST, at_least_few, is_told, told_counts


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
        return self.count < FEWEST

    @property
    def words(self) -> str:
        return at_least_few(self.count)


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
    """How many there are now, and where. A group is left out from which, by the sum, a small one
    would follow: those of another segment, or of none."""
    theirs = SegmentMembership.objects.current().filter(
        customer=OuterRef("pk"), segment__kind=Segment.Kind.RFM
    )
    placed = half_buyers(rule).annotate(place=Subquery(theirs.values("segment")[:1]))
    counted = placed.order_by().values_list("place").annotate(n=Count("pk")).order_by("-n", "place")
    places = dict(counted)
    counts, whole = list(places.values()), len(places)
    told = told_counts(
        [*counts, sum(counts)],
        [(whole, range(whole))],
        known=[whole] if is_told(sum(counts)) else [],
    )
    segments = Segment.objects.in_bulk([place for place in places if place])
    groups = [
        Group(segments[place], count)
        for (place, count), is_shown in zip(places.items(), told, strict=False)
        if place and is_shown
    ]
    return HalfBuyers(sum(counts), tuple(groups))
