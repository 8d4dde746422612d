"""Everything on record about a customer, for the customer."""

from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model

from customers.models import Customer
from customers.selectors import relations_to_customers
from retention.access.audit import record

Row = dict[str, Any]


def export_customer(customer: Customer, *, by: str, at: datetime) -> dict[str, list[Row]]:
    """All rows of all tables that point at the customer, by table, as plain values.

    Found by their foreign keys, so that a table added next year is not left out. Who took it is
    on the record.
    """
    export: dict[str, list[Row]] = {Customer._meta.label_lower: _rows(Customer, pk=customer.pk)}
    for relation in relations_to_customers():
        model = relation.related_model
        export[model._meta.label_lower] = _rows(model, **{relation.field.name: customer})
    taken = {"rows": sum(map(len, export.values()))}
    record("export", thing=customer, actor=by, at=at, before={}, after=taken)
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
