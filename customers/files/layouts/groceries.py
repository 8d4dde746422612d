"""The Groceries baskets: what lay together on a till, without a customer or a day."""

from customers.files.layout import Cells, Extra, Facts, Layout


def understand(cells: Cells, extra: Extra) -> None:
    cells["title"] = cells["product"]


GROCERIES = Layout(
    name="groceries",
    title="grocery baskets",
    facts=Facts.EVENTS,
    headers=frozenset(("basket", "item")),
    exact=True,
    columns={"order_id": "basket", "product": "item"},
    kind="PURCHASE",
    undated="ask",
    understand=understand,
)
