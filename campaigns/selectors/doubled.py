"""Customers of a campaign who turned out to be one: the earlier draw counts, the other is left out.

Assignments are never rewritten; who their customers are now is looked up.
"""

from collections.abc import Iterable

from django.db.models import Q

from campaigns.models import Assignment, Campaign
from customers.models import Customer
from customers.querysets import current


def drawn_before(campaign: Campaign, assignments: Iterable[Assignment]) -> set[int]:
    """Those of some assignments (a chunk) whose customer, merged since, has an earlier one."""
    ids = [one.customer_id for one in assignments if one.customer_id is not None]
    merged = Customer.objects.exclude(merged_into=None)
    touched = merged.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
    people = set(touched.values_list("merged_into", flat=True))
    if not people:
        return set()
    of_them = Q(customer__in=people) | Q(customer__merged_into__in=people)
    rows = campaign.assignments.filter(of_them).annotate(who=current("customer"))
    first: dict[int, int] = {}
    in_order = rows.order_by("assigned_at", "pk").values_list("pk", "who")
    return {pk for pk, who in in_order if first.setdefault(who, pk) != pk}


def campaigns_of_both(one: Customer, other: Customer) -> list[Campaign]:
    """Campaigns in which a merge of the two leaves a draw out, since both were drawn."""
    drawn = [
        Assignment.objects.filter(customer__in=Customer.objects.of_person(each))
        for each in (one, other)
    ]
    both = Campaign.objects.filter(pk__in=drawn[0].values("campaign"))
    return list(both.filter(pk__in=drawn[1].values("campaign")).order_by("pk"))
