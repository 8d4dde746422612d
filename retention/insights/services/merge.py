from datetime import datetime

from django.db import transaction

from customers.models import Customer, CustomerMerge
from customers.services.merge import merge_facts
from retention.insights.models import (
    CategoryChance,
    ChurnScore,
    NextCategory,
    RecommendationList,
    RfmScore,
    Segment,
    SegmentMembership,
    SendTime,
)


def merge_customers(
    kept: Customer, absorbed: Customer, *, by: str, reason: str, at: datetime
) -> CustomerMerge:
    """Make two customers one, and remove what was computed of them as two.

    From now on the kept one's list is folded in from what both did, until the next model has
    learned that they are one; their risk and segments follow with the next night's.
    Raises NotMergeable.
    """
    with transaction.atomic():
        # Before the customers are locked: who publishes scores waits for their customers last.
        _forget_computed(kept, absorbed)
        return merge_facts(kept, absorbed, by=by, reason=reason, at=at)


def _forget_computed(kept: Customer, absorbed: Customer) -> None:
    RecommendationList.objects.filter(customer__in=[kept, absorbed]).delete()
    ChurnScore.objects.filter(customer=absorbed).delete()
    RfmScore.objects.filter(customer=absorbed).delete()
    SendTime.objects.filter(customer=absorbed).delete()
    CategoryChance.objects.filter(customer=absorbed).delete()
    NextCategory.objects.filter(customer=absorbed).delete()
    memberships = SegmentMembership.objects.filter(customer=absorbed)
    left = list(memberships.current().values_list("segment", flat=True))
    memberships.delete()
    for segment in Segment.objects.filter(pk__in=left).order_by("pk"):
        segment.size = segment.memberships.filter(left_at=None).count()
        segment.save(update_fields=["size"])
