from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from customers.merging import NotMergeable, Plan, plan_merge
from customers.models import Customer, CustomerContact, CustomerMerge, Event
from customers.people import CONTACT, HABITS
from customers.selectors import side_of
from customers.services.consent import record_consents
from retention.access.audit import record

SOURCE = "merge"
"""Of a consent that a merge carried over."""


def merge_facts(
    kept: Customer, absorbed: Customer, *, by: str, reason: str, at: datetime
) -> CustomerMerge:
    """Make two customers one: ids, events, contact and consents of the absorbed go to the kept.

    The absorbed stays as a row that leads to the kept; unmerge_facts gives all of it back. What was
    computed of the two is the caller's to remove. Raises NotMergeable.
    """
    with transaction.atomic():
        plan = plan_merge(*(side_of(one) for one in _held(kept, absorbed)))
        kept, absorbed = plan.kept.customer, plan.absorbed.customer
        merge = CustomerMerge(
            kept=kept,
            absorbed=absorbed,
            reason=reason,
            identities=_move_ids(kept, absorbed),
            events=_move_events(kept, absorbed),
            contact=plan.absorbed.contact,
            taken=list(plan.taken),
            consents=_agree(plan, at=at),
            said=_hush(absorbed),
            absorbed_before=list(absorbed.absorbed.order_by("pk").values_list("pk", flat=True)),
            merged_by=by,
            merged_at=at,
        )
        _complete(plan)
        lead_to = Q(pk=absorbed.pk) | Q(merged_into=absorbed)
        Customer.objects.filter(lead_to).update(merged_into=kept)
        merge.save()
        moved = {"absorbed": absorbed.pk, "ids": merge.identities, "events": merge.events}
        record("merge", thing=kept, actor=by, at=at, before={}, after=moved)
    return merge


def _held(*customers: Customer) -> list[Customer]:
    """As they stand now, and kept from every other writer until we commit."""
    pks = [customer.pk for customer in customers]
    # In one order, so that two merges never wait for each other.
    rows = Customer.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    there = {row.pk: row for row in rows}
    for customer in customers:
        if customer.pk not in there:
            raise NotMergeable("One of the two was erased meanwhile.")
    return [there[pk] for pk in pks]


def _move_ids(kept: Customer, absorbed: Customer) -> int:
    absorbed.identities.filter(home=None).update(home=absorbed)
    return absorbed.identities.update(customer=kept)


def _move_events(kept: Customer, absorbed: Customer) -> int:
    with connection.cursor() as cursor:
        # One that came with an earlier merge keeps the home it has.
        cursor.execute(
            "INSERT INTO customers_mergedevent (event_id, home_id)"
            " SELECT id, customer_id FROM customers_event WHERE customer_id = %s"
            " ON CONFLICT (event_id) DO NOTHING",
            [absorbed.pk],
        )
    return Event.objects.filter(customer=absorbed).update(customer=kept)


def _agree(plan: Plan, *, at: datetime) -> list[dict[str, Any]]:
    """The words of the kept that changed: the row that stands now, and the one that stood."""
    kept, said = plan.kept.customer, plan.said
    standing = kept.consents.filter(is_current=True, purpose__in=said)
    before = dict(standing.values_list("purpose", "pk"))
    record_consents({(kept.pk, one): said[one] for one in said}, source=SOURCE, at=at)
    return [
        {"purpose": one.purpose, "row": one.pk, "before": before.get(one.purpose)}
        for one in standing.all().order_by("purpose")
    ]


def _hush(absorbed: Customer) -> list[int]:
    """Their words stand no more; which did until now."""
    stood = absorbed.consents.filter(is_current=True)
    rows = list(stood.order_by("pk").values_list("pk", flat=True))
    stood.update(is_current=False)
    return rows


def _complete(plan: Plan) -> None:
    """Give the kept what they lack, and the moments of both; the absorbed's contact is put away."""
    kept, known = plan.kept.customer, plan.absorbed.told
    CustomerContact.objects.filter(customer=plan.absorbed.customer).delete()
    contact = {field: known[field] for field in plan.taken if field in CONTACT}
    if contact:
        CustomerContact.objects.update_or_create(customer=kept, defaults=contact)
    seen = [*plan.kept.seen, *plan.absorbed.seen]
    Customer.objects.filter(pk=kept.pk).update(
        **{field: known[field] for field in plan.taken if field in HABITS},
        first_seen_at=min(seen, default=None),
        last_seen_at=max(seen, default=None),
    )
