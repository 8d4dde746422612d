from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min

from customers.models import (
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    CustomerMerge,
    Event,
    MergedEvent,
)
from customers.people import CONTACT, HABITS
from customers.services.consent import record_consents
from retention.access.audit import record
from retention.present.moments import day

SOURCE = "said while merged"
"""Of an objection that came while two were one: it holds for both."""


class NotUndoable(Exception):
    """The merge cannot be undone now; the sentence says why, and what to do first."""


def unmerge_facts(merge: CustomerMerge, *, by: str, at: datetime) -> CustomerMerge:
    """Make two customers of one again, as they were, with what came since for each.

    What came by an id of the absorbed goes back with it. An objection made meanwhile holds for
    both. Raises NotUndoable.
    """
    with transaction.atomic():
        merge = _claimed(merge, by=by, at=at)
        kept, absorbed = merge.kept, merge.absorbed
        Customer.objects.filter(pk__in=merge.absorbed_before).update(merged_into=absorbed)
        Customer.objects.filter(pk=absorbed.pk).update(merged_into=None)
        homes = [absorbed.pk, *merge.absorbed_before]
        _give_back_ids(kept, absorbed, homes)
        events = _give_back_events(kept, absorbed, homes)
        _give_back_contact(merge)
        _give_back_consents(merge, at=at)
        for customer in (kept, absorbed):
            _see(customer)
        CustomerMerge.objects.filter(pk=merge.pk).update(contact={})
        parted = {"absorbed": absorbed.pk, "events": events}
        record("unmerge", thing=kept, actor=by, at=at, before={}, after=parted)
    merge.refresh_from_db()
    return merge


def _claimed(merge: CustomerMerge, *, by: str, at: datetime) -> CustomerMerge:
    """The merge, ours to undo; whoever would change the kept waits for us."""
    kept = Customer.objects.select_for_update().filter(pk=merge.kept_id).first()
    if kept is None:
        raise NotUndoable("They were erased meanwhile.")
    claimed = CustomerMerge.objects.in_force().filter(pk=merge.pk)
    if not claimed.update(undone_at=at, undone_by=by):
        raise NotUndoable("This merge is undone already.")
    _refuse_not_last(kept, merge)
    return CustomerMerge.objects.select_related("kept", "absorbed").get(pk=merge.pk)


def _refuse_not_last(kept: Customer, merge: CustomerMerge) -> None:
    in_force = CustomerMerge.objects.in_force().select_related("kept", "absorbed")
    above = in_force.filter(absorbed=kept).first()
    later = above or in_force.filter(kept=kept, pk__gt=merge.pk).order_by("-pk").first()
    if later is not None:
        raise NotUndoable(
            f"Merges are undone last first: {later.absorbed} was merged into {later.kept} later,"
            f" on {day(later.merged_at)}. Undo that one first."
        )


def _give_back_ids(kept: Customer, absorbed: Customer, homes: Collection[int]) -> None:
    theirs = CustomerIdentity.objects.filter(customer=kept, home__in=homes)
    theirs.update(customer=absorbed)
    CustomerIdentity.objects.filter(home=absorbed).update(home=None)


def _give_back_events(kept: Customer, absorbed: Customer, homes: Collection[int]) -> int:
    theirs = MergedEvent.objects.filter(home__in=homes)
    back = Event.objects.filter(customer=kept, pk__in=theirs.values("event"))
    events = back.update(customer=absorbed)
    MergedEvent.objects.filter(home=absorbed).delete()
    return events


def _give_back_contact(merge: CustomerMerge) -> None:
    """To the absorbed their own, and from the kept what they took of it and still have."""
    kept, absorbed = merge.kept, merge.absorbed
    if merge.contact:
        CustomerContact.objects.create(customer=absorbed, **merge.contact)
    for field in merge.taken:
        if field in HABITS:
            same = Customer.objects.filter(pk=kept.pk, **{field: getattr(absorbed, field)})
            same.update(**{field: ""})
        else:
            theirs = CustomerContact.objects.filter(customer=kept)
            theirs.filter(**{field: merge.contact[field]}).update(**{field: ""})
    nothing = dict.fromkeys(CONTACT, "")
    CustomerContact.objects.filter(customer=kept, **nothing).delete()


def _give_back_consents(merge: CustomerMerge, *, at: datetime) -> None:
    """What the absorbed said stands again, and what the kept said where nobody spoke since."""
    Consent.objects.filter(pk__in=merge.said).update(is_current=True)
    for word in merge.consents:
        if Consent.objects.filter(pk=word["row"], is_current=True).update(is_current=False):
            Consent.objects.filter(pk=word["before"]).update(is_current=True)
    since = Consent.objects.filter(
        customer=merge.kept, is_current=True, granted=False, recorded_at__gt=merge.merged_at
    )
    objections = since.exclude(pk__in=[word["row"] for word in merge.consents])
    said = {(merge.absorbed_id, one.purpose): False for one in objections}
    record_consents(said, source=SOURCE, at=at)


def _see(customer: Customer) -> None:
    seen = Event.objects.filter(customer=customer).aggregate(
        first_seen_at=Min("occurred_at"), last_seen_at=Max("occurred_at")
    )
    Customer.objects.filter(pk=customer.pk).update(**seen)
