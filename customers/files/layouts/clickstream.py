"""A click stream of three columns: who, what, when. It names pages, hardly ever products."""

import re

from customers.files.layout import Cells, Extra, Facts, Layout

PRODUCT_PAGE = re.compile(r"product\w*\d+")
KINDS = {"cart": "CART", "payment_done": "PURCHASE"}


def understand(cells: Cells, extra: Extra) -> None:
    """A product's page is a view of it; a payment is a purchase whose sum is not told."""
    page = cells["kind"]
    if PRODUCT_PAGE.fullmatch(page):
        cells["kind"], cells["product"] = "VIEW", page
    else:
        cells["kind"] = KINDS.get(page, page)


CLICKSTREAM = Layout(
    name="clickstream",
    title="a click stream of user, event and time",
    facts=Facts.EVENTS,
    headers=frozenset(("user_id", "event", "timestamp")),
    exact=True,
    columns={"customer": "user_id", "kind": "event", "occurred_at": "timestamp"},
    understand=understand,
)
