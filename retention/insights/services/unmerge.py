from datetime import datetime

from django.db import transaction

from customers.models import CustomerMerge
from customers.services.unmerge import unmerge_facts
from retention.insights.models import RecommendationList


def unmerge_customers(merge: CustomerMerge, *, by: str, at: datetime) -> CustomerMerge:
    """Make two customers of one again; each has a list of their own at once, and a risk and
    segments with the next night's. Raises NotUndoable."""
    with transaction.atomic():
        both = [merge.kept_id, merge.absorbed_id]
        RecommendationList.objects.filter(customer__in=both).delete()
        return unmerge_facts(merge, by=by, at=at)
