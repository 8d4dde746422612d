"""Everything on record about a customer, for the customer."""

from typing import Any

from django.db.models import Field, ForeignKey, Model
from django.db.models.fields.reverse_related import ManyToOneRel

from customers.models import Customer

Row = dict[str, Any]


def export_customer(customer: Customer) -> dict[str, list[Row]]:
    """All rows of all tables that point at the customer, by table, as plain values.

    Found by their foreign keys, so that a table added next year is not left out.
    """
    export: dict[str, list[Row]] = {Customer._meta.label_lower: _rows(Customer, pk=customer.pk)}
    for relation in Customer._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            model = relation.related_model
            export[model._meta.label_lower] = _rows(model, **{relation.field.name: customer})
    return export


def _rows(model: type[Model], **whose: Any) -> list[Row]:
    columns = {field.name: _column(field) for field in model._meta.concrete_fields}
    rows = model._default_manager.filter(**whose).order_by("pk").values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _column(field: Field[Any, Any]) -> str:
    """A row another table is told by the shop's own id, where it has one."""
    if isinstance(field, ForeignKey) and hasattr(field.related_model, "external_id"):
        return f"{field.name}__external_id"
    return field.attname
