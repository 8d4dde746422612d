"""A customer asks to be erased: the person goes, what happened stays as nobody's."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from customers.identifiers import fingerprint
from customers.merging import contact_of
from customers.models import (
    Customer,
    CustomerContact,
    CustomerMerge,
    Erasure,
    Event,
    RefusedRow,
)
from retention.access.audit import record
from retention.access.services.blank_answers import blank_answers
from retention.jobs.services.blank_words import blank_words

BLANK = "Erased on request."


def forget_customer(customer: Customer, *, by: str, at: datetime) -> int:
    """Erase a customer; returns how many of their events became anonymous.

    Contact, ids, consents and every insight go with the customer, and so does whoever was merged
    into them, with the merges. What campaigns recorded stays without a person. Refused rows, kept
    answers of the API and words of jobs that name them are blanked. Events that still arrive for
    one of the ids stay anonymous.
    """
    with transaction.atomic():
        # Locked: an event that arrives now waits for us, and then finds nobody here.
        found = _held(customer)
        if found is None:
            return 0  # Someone else erased them a moment ago.
        ids = found.identities.values_list("source", "external_id")
        Erasure.objects.bulk_create(
            [Erasure(fingerprint=fingerprint(*one), erased_at=at) for one in ids],
            ignore_conflicts=True,
        )
        _blank_what_names(found)
        # What the shop put into `extra` may name the person.
        events = Event.objects.filter(customer=found).update(customer=None, extra=None)
        record("erase", thing=found, actor=by, at=at, before={}, after={"events": events})
        found.delete()
    return events


def _held(customer: Customer) -> Customer | None:
    """Who they are now, locked; None where they are gone."""
    this = Customer.objects.filter(pk=customer.pk).annotate(now=Coalesce("merged_into", "pk"))
    while (now := this.values_list("now", flat=True).first()) is not None:
        found = Customer.objects.select_for_update().filter(pk=now).first()
        # Merged, or parted again, between our look and our lock: look again.
        if found and this.filter(now=now).exists():
            return found
    return None


def _blank_what_names(customer: Customer) -> None:
    naming = _naming(customer)
    quoting = RefusedRow.objects.filter(Q(raw__iregex=naming) | Q(detail__iregex=naming))
    quoting.update(raw="", detail=BLANK)
    blank_answers(naming=naming, instead=BLANK)
    blank_words(naming=naming, instead=BLANK)


def _naming(customer: Customer) -> str:
    """A pattern of their ids and contact as whole words, which both databases understand.

    A short id also matches where it means something else: better an example too few than a name.
    """
    contact = CustomerContact.objects.filter(customer=customer).first()
    person = Customer.objects.of_person(customer)
    names = {*person.values_list("external_id", flat=True)}
    names.update(customer.identities.values_list("external_id", flat=True))
    names.update(contact_of(contact).values())
    for put_away in CustomerMerge.objects.filter(kept__in=person).values_list("contact", flat=True):
        names.update(put_away.values())
    words = "|".join(sorted(re.escape(name) for name in names if name))
    return rf"(?<![\w-])(?:{words})(?![\w-]|\.\w)"
