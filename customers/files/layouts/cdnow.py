"""CDNOW, master and sample: what 23,570 customers spent on CDs, a line a purchase, no products."""

from customers.files.layout import Facts, Layout

CDNOW = Layout(
    name="cdnow",
    title="CDNOW purchases",
    facts=Facts.EVENTS,
    headers=frozenset(("customer_id", "date", "number_of_cds", "dollar_value")),
    columns={
        "customer": "customer_id",
        "occurred_at": "date",
        "quantity": "number_of_cds",
        "amount": "dollar_value",
    },
    kind="PURCHASE",
    currency="USD",
)
