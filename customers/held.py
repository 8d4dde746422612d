"""What is held about a person: found by foreign keys, so that next year's tables are not left out.

A table holds something of a person where it points at customers, or at a row that does: a coupon
is theirs, so are its uses and what came back of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CASCADE, Model, Q, QuerySet
from django.db.models.fields.reverse_related import ManyToOneRel

from customers.models import Customer, Event


@dataclass(frozen=True)
class Way:
    """From a table to its customer, as a lookup; goes : the rows do, when the customer goes."""

    lookup: str
    goes: bool


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
    for model, ways in tables_about_customers().items():
        goes = model is not Event and all(way.goes for way in ways)
        held.append(_held(model, rows_about(person, model, ways).count(), goes=goes))
    return [one for one in held if one.rows]


def _held(model: type[Model], rows: int, *, goes: bool) -> Held:
    name = model._meta.verbose_name if rows == 1 else model._meta.verbose_name_plural
    return Held(str(name), rows, goes)


def tables_about_customers() -> dict[type[Model], list[Way]]:
    """Every other table with the ways from it to customers, nearest first."""
    tables: dict[type[Model], list[Way]] = {}
    for relation in relations_to_customers():
        if relation.related_model is not Customer:
            way = Way(relation.field.name, relation.on_delete is CASCADE)
            tables.setdefault(relation.related_model, []).append(way)
    _add_ways_round(tables)
    beside = list(tables)
    for model in beside:  # Grows while it is gone through: what hangs on a row that hangs on one.
        for relation in _relations_to(model):
            if relation.related_model not in {*tables, Customer}:
                tables[relation.related_model] = [_further(relation, way) for way in tables[model]]
                beside.append(relation.related_model)
    return tables


def _add_ways_round(tables: dict[type[Model], list[Way]]) -> None:
    """A row that may name a customer may leave that to another row, which does: a use of a coupon,
    to the coupon."""
    for model in list(tables):
        for relation in _relations_to(model):
            other = relation.related_model
            named = tables.get(other, []) if other is not model else []
            if named and not any(way.goes for way in named):
                named += [_further(relation, way) for way in tables[model]]


def _further(relation: ManyToOneRel, way: Way) -> Way:
    goes = way.goes and relation.on_delete is CASCADE
    return Way(f"{relation.field.name}__{way.lookup}", goes)


def rows_about(person: QuerySet[Customer], model: type[Model], ways: list[Way]) -> QuerySet[Any]:
    """The rows of a table that lead to a person by any of these ways."""
    about, who = Q(), list(person.values_list("pk", flat=True))
    for way in ways:
        about |= Q(**{f"{way.lookup}__in": who})
    return model._default_manager.filter(about)


def relations_to_customers() -> Iterator[ManyToOneRel]:
    """Every foreign key that points at a customer, whichever app declared it."""
    return _relations_to(Customer)


def _relations_to(model: type[Model]) -> Iterator[ManyToOneRel]:
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            yield relation
