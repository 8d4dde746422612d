"""A customer asks to be erased: the person goes, what happened stays as nobody's."""

from datetime import datetime

from django.db import transaction

from customers.identifiers import fingerprint
from customers.models import Customer, Erasure, Event
from retention.access.audit import record


def forget_customer(customer: Customer, *, by: str, at: datetime) -> int:
    """Erase a customer; returns how many of their events became anonymous.

    Contact, ids, consents and every insight go with the customer. What campaigns recorded stays
    without a person. Events that still arrive for one of the ids stay anonymous.
    """
    with transaction.atomic():
        # Locked: an event that arrives now waits for us, and then finds nobody here.
        found = Customer.objects.select_for_update().filter(pk=customer.pk).first()
        if found is None:
            return 0  # Someone else erased them a moment ago.
        ids = found.identities.values_list("source", "external_id")
        Erasure.objects.bulk_create(
            [Erasure(fingerprint=fingerprint(*one), erased_at=at) for one in ids],
            ignore_conflicts=True,
        )
        # What the shop put into `extra` may name the person.
        events = Event.objects.filter(customer=found).update(customer=None, extra=None)
        record("erase", thing=found, actor=by, at=at, before={}, after={"events": events})
        found.delete()
    return events
