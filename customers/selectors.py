"""What is known about a customer, read at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import CASCADE
from django.db.models.fields.reverse_related import ManyToOneRel

from customers.models import Consent, Customer, CustomerContact, CustomerIdentity, Event


@dataclass(frozen=True)
class CustomerFile:
    customer: Customer
    contact: CustomerContact | None
    identities: list[CustomerIdentity]
    consents: list[Consent]
    events: list[Event]


def customer_file(customer: Customer, *, events: int = 20) -> CustomerFile:
    """Contact, ids, what they agreed to, and the last so many events, newest first: 4 queries."""
    return CustomerFile(
        customer,
        CustomerContact.objects.filter(customer=customer).first(),
        list(customer.identities.order_by("source", "external_id")),
        list(customer.consents.filter(is_current=True).order_by("purpose")),
        list(customer.events.select_related("product").order_by("-occurred_at", "-pk")[:events]),
    )


@dataclass(frozen=True)
class Held:
    """How many rows of a table are about a customer; goes : with an erasure, or stays nobody's."""

    what: str
    rows: int
    goes: bool


def held_about(customer: Customer) -> list[Held]:
    """Every table that holds something of the customer; one query each."""
    held = [Held("customer record", 1, True)]
    for relation in relations_to_customers():
        model = relation.related_model
        rows = model._default_manager.filter(**{relation.field.name: customer}).count()
        name = model._meta.verbose_name if rows == 1 else model._meta.verbose_name_plural
        goes = relation.on_delete is CASCADE and model is not Event
        held.append(Held(str(name), rows, goes))
    return [one for one in held if one.rows]


def relations_to_customers() -> Iterator[ManyToOneRel]:
    """Every foreign key that points at a customer, whichever app declared it."""
    for relation in Customer._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            yield relation
