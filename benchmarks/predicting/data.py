"""Public data sets as panels: every event of known customers, by the product's own rules."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.recommending.data import day_of, rows, understood
from customers.files.layout import Layout
from customers.files.layouts.cdnow import CDNOW
from customers.files.layouts.complete_journey import PRODUCTS, TRANSACTIONS
from customers.files.layouts.online_retail import ONLINE_RETAIL
from retention.learning.panel import Kind, Panel

JOURNEY_FILES = "completejourney_transactions_*of3.csv.gz"
PRODUCT_FILE = "completejourney_products.csv.gz"
Row = tuple[str, str, float, float, float, str, str]
"""Customer, product, day, pieces, minor units, order, kind."""


def panel_of(name: str, folder: Path) -> Panel:
    """A data set by the name of its command-line word."""
    return people_of(name, folder)[1]


def people_of(name: str, folder: Path) -> tuple[tuple[str, ...], Panel]:
    """The ids of its customers in the order of the rows, and the panel."""
    return {
        "cdnow": lambda: _panel(_lines(folder, "cdnow_master.csv.gz", CDNOW)),
        "cdnow-sample": lambda: _panel(_lines(folder, "cdnow_sample.csv.gz", CDNOW)),
        "online-retail": lambda: _panel(_lines(folder, "online_retail.csv.gz", ONLINE_RETAIL)),
        "complete-journey": lambda: _panel(_lines(folder, JOURNEY_FILES, TRANSACTIONS)),
    }[name]()


def categories_of(folder: Path, *, level: int) -> dict[str, str]:
    """Complete Journey's products: their path in the tree to a level, by id."""
    named = ((row["product_id"], understood(PRODUCTS, row)) for row in rows(folder, PRODUCT_FILE))
    return {
        product: " > ".join(cells["category"].split(" > ")[:level])
        for product, cells in named
        if cells is not None
    }


def product_ids(folder: Path) -> list[str]:
    """Complete Journey's products as `panel_of` numbers them."""
    return sorted({line[1] for line in _lines(folder, JOURNEY_FILES, TRANSACTIONS)})


def day(text: str) -> float:
    """Days since 1970-01-01."""
    return float((date.fromisoformat(text) - date(1970, 1, 1)).days)


def _lines(folder: Path, pattern: str, layout: Layout) -> Iterator[Row]:
    for row in rows(folder, pattern):
        cells = understood(layout, row)
        if cells is None or not cells["customer"]:
            continue
        pieces = float(cells.get("quantity") or 1)
        amount = cells.get("amount") or pieces * float(cells.get("unit_price") or 0)
        kind = cells.get("kind", "PURCHASE")
        if kind == "PURCHASE" and pieces <= 0:
            continue
        yield (
            cells["customer"],
            cells.get("product", ""),
            day_of(cells["occurred_at"]),
            abs(pieces),
            abs(float(amount)),
            cells.get("order_id", ""),
            kind,
        )


def _panel(lines: Iterator[Row]) -> tuple[tuple[str, ...], Panel]:
    who, what, when, pieces, amounts, orders, kinds = zip(*lines, strict=True)
    people, customer = np.unique(who, return_inverse=True)
    _, product = np.unique(what, return_inverse=True)
    named, order = np.unique(orders, return_inverse=True)
    return tuple(people.tolist()), Panel.of(
        n_customers=len(people),
        customer=customer,
        kind=[Kind[kind] for kind in kinds],
        day=when,
        quantity=np.asarray(pieces).astype(np.int64),
        amount=np.rint(np.asarray(amounts) * 100).astype(np.int64),
        product=product,
        order=order if len(named) > 1 else np.full(len(customer), -1),
    )
