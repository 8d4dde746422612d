"""Shopify's orders export: a row a line, and what is said of the whole order on its first row only.

An order's totals are no line's. Orders that were cancelled, not paid or paid back in full are no
purchases: each of their lines is refused by its reason, and counted so.
"""

from customers.files.layout import Cells, Extra, Facts, Layout, RowRefused, Understand, words

NOT_PAID = frozenset(words("pending authorized expired unpaid voided"))
OF_THE_ORDER = words("financial_status cancelled_at")
REPEATED = words("customer occurred_at currency")


def understanding() -> Understand:
    """Rows after the first of an order leave blank what the first one said."""
    order = ""
    cells_then: Cells = {}
    said: dict[str, str] = {}

    def understand(cells: Cells, extra: Extra) -> None:
        nonlocal order, cells_then, said
        here = {name: extra.pop(name, "") for name in OF_THE_ORDER}
        if cells["order_id"] != order or not order:
            order, cells_then, said = cells["order_id"], dict(cells), here
        for name in REPEATED:
            cells[name] = cells[name] or cells_then[name]
        _refuse_no_purchase(order, {name: here[name] or said[name] for name in OF_THE_ORDER})
        cells["customer"] = cells["customer"].lower()
        cells["product"] = cells["product"] or cells["title"]
        if not extra.get("order_discount", "").strip("0.,"):
            extra.pop("order_discount", None)

    return understand


def _refuse_no_purchase(order: str, said: dict[str, str]) -> None:
    status = said["financial_status"].lower()
    if said["cancelled_at"]:
        raise RowRefused("order_cancelled", f"Order {order} was cancelled {said['cancelled_at']}.")
    if status in NOT_PAID:
        raise RowRefused("order_not_paid", f"Order {order} is {status}: nothing was paid.")
    if status == "refunded":
        raise RowRefused("order_refunded", f"Order {order} was paid back in full.")


SHOPIFY_ORDERS = Layout(
    name="shopify-orders",
    title="Shopify's orders export",
    facts=Facts.EVENTS,
    headers=frozenset(
        (
            "Name",
            "Email",
            "Financial Status",
            "Created at",
            "Currency",
            "Lineitem quantity",
            "Lineitem name",
            "Lineitem price",
            "Lineitem sku",
        )
    ),
    columns={
        "order_id": "Name",
        "customer": "Email",
        "occurred_at": "Created at",
        "currency": "Currency",
        "quantity": "Lineitem quantity",
        "product": "Lineitem sku",
        "title": "Lineitem name",
        "unit_price": "Lineitem price",
    },
    extra={
        "financial_status": "Financial Status",
        "cancelled_at": "Cancelled at",
        "discount_code": "Discount Code",
        "order_discount": "Discount Amount",
    },
    kind="PURCHASE",
    understanding=understanding,
)
