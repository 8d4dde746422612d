"""What is known about a customer, read at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CASCADE, Count, Model, Q, QuerySet
from django.db.models.fields.reverse_related import ManyToOneRel

from customers.merging import Side, contact_of
from customers.models import Consent, Customer, CustomerContact, CustomerIdentity, Event


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


@dataclass(frozen=True)
class Held:
    """How many rows of a table are about a customer; goes : with an erasure, or stays nobody's."""

    what: str
    rows: int
    goes: bool


def held_about(customer: Customer) -> list[Held]:
    """Every table that holds something of the customer, or of one merged into them: a query each,
    and one for each table that points at customers by several columns."""
    person = Customer.objects.of_person(customer)
    records = person.count()
    held = [Held("customer record" if records == 1 else "customer records", records, goes=True)]
    for model, relations in tables_about_customers().items():
        goes = model is not Event and all(one.on_delete is CASCADE for one in relations)
        held.append(_held(model, rows_about(person, relations).count(), goes=goes))
    return [one for one in held if one.rows]


def _held(model: type[Model], rows: int, *, goes: bool) -> Held:
    name = model._meta.verbose_name if rows == 1 else model._meta.verbose_name_plural
    return Held(str(name), rows, goes)


def tables_about_customers() -> dict[type[Model], list[ManyToOneRel]]:
    """Every other table that points at customers, with the columns by which it does."""
    tables: dict[type[Model], list[ManyToOneRel]] = {}
    for relation in relations_to_customers():
        if relation.related_model is not Customer:
            tables.setdefault(relation.related_model, []).append(relation)
    return tables


def rows_about(person: QuerySet[Customer], relations: Iterable[ManyToOneRel]) -> QuerySet[Any]:
    """The rows of a table that point at a person by any of these columns."""
    about, who = Q(), list(person.values_list("pk", flat=True))
    for relation in relations:
        model = relation.related_model
        about |= Q(**{f"{relation.field.name}__in": who})
    return model._default_manager.filter(about)


def relations_to_customers() -> Iterator[ManyToOneRel]:
    """Every foreign key that points at a customer, whichever app declared it."""
    for relation in Customer._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            yield relation
