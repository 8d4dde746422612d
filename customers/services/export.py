"""Everything on record about a customer, for the customer."""

from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, QuerySet

from customers.held import rows_about, tables_about_customers
from customers.models import Customer
from retention.access.audit import record

Row = dict[str, Any]


def export_customer(customer: Customer, *, by: str, at: datetime) -> dict[str, list[Row]]:
    """All rows of all tables that lead to the customer, by table, as plain values.

    With the rows of whoever was merged into them, and the merges. Who took it is on the record.
    """
    person = Customer.objects.of_person(customer)
    export = {Customer._meta.label_lower: _rows(person)}
    for model, ways in tables_about_customers().items():
        export[model._meta.label_lower] = _rows(rows_about(person, model, ways))
    taken = {"rows": sum(map(len, export.values()))}
    record("export", thing=customer, actor=by, at=at, before={}, after=taken)
    return export


def _rows(rows: QuerySet[Any]) -> list[Row]:
    # What the database derives of other columns says nothing more.
    fields = [field for field in rows.model._meta.concrete_fields if not field.generated]
    columns = {field.name: _column(field) for field in fields}
    found = rows.order_by("pk").values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in found]


def _column(field: Field[Any, Any]) -> str:
    """A row another table is told by the shop's own id, where it has one."""
    if isinstance(field, ForeignKey) and hasattr(field.related_model, "external_id"):
        return f"{field.name}__external_id"
    return field.attname
