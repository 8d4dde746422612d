"""What is known about a customer, read at once."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from customers.identifiers import fingerprint
from customers.merging import Side, contact_of
from customers.models import (
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    Erasure,
    Event,
)
from customers.store.rows import SourceId


def customer_known_as(external_id: str) -> Customer | None:
    """Who has this id, or had it before they were merged into another; another source's is spelt
    source:id."""
    found = Customer.objects.select_related("merged_into").called(external_id)
    return found and found.current


@dataclass(frozen=True)
class CustomerFile:
    """merged_from : ids of those who were merged into the customer."""

    customer: Customer
    merged_from: list[str]
    contact: CustomerContact | None
    identities: list[CustomerIdentity]
    consents: list[Consent]
    events: list[Event]


def customer_file(customer: Customer, *, events: int = 20) -> CustomerFile:
    """Contact, ids, what they agreed to, and the last so many events, newest first: 5 queries."""
    return CustomerFile(
        customer,
        list(customer.absorbed.order_by("external_id").values_list("external_id", flat=True)),
        CustomerContact.objects.filter(customer=customer).first(),
        list(customer.identities.order_by("source", "external_id")),
        list(customer.consents.filter(is_current=True).order_by("purpose")),
        list(customer.events.select_related("product").order_by("-occurred_at", "-pk")[:events]),
    )


def side_of(customer: Customer) -> Side:
    """What a merge takes into account of one of the two: 4 queries."""
    counted = customer.events.aggregate(
        events=Count("pk"), orders=Count("order_id", distinct=True, filter=Q(kind="PURCHASE"))
    )
    ids = customer.identities.order_by("source", "external_id")
    current = customer.consents.filter(is_current=True)
    return Side(
        customer,
        ids=tuple((one.source, one.external_id) for one in ids),
        contact=contact_of(CustomerContact.objects.filter(customer=customer).first()),
        said={consent.purpose: consent.granted for consent in current.order_by("purpose")},
        **counted,
    )


def erased_among(ids: Collection[SourceId]) -> set[SourceId]:
    """Those of the ids whose person was erased."""
    prints = {fingerprint(*one): one for one in ids}
    erased = Erasure.objects.filter(fingerprint__in=list(prints))
    return {prints[one] for one in erased.values_list("fingerprint", flat=True)}
