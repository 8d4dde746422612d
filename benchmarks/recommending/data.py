"""Public data sets as interactions, cleaned by the product's own rules for such files."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from customers.files.layout import Cells, Extra, Layout, RowRefused
from customers.files.layouts.complete_journey import PRODUCTS, TRANSACTIONS
from customers.files.layouts.online_retail import ONLINE_RETAIL
from retention.learning.interactions import Interactions
from retention.learning.recommend.content import Descriptions

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, eq=False)
class Shop:
    """What was bought by known customers, and what is said of the products."""

    events: Interactions
    descriptions: Descriptions


def rows(folder: Path, pattern: str) -> Iterator[dict[str, str]]:
    """The rows of one file, or of several parts in order of their names."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise FileNotFoundError(f"No {pattern} in {folder}. Give the folder with --data.")
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def understood(layout: Layout, row: dict[str, str]) -> Cells | None:
    """The cells of a row as the product's importer reads them; None where it is no fact."""
    cells: Cells = {name: row[column].strip() for name, column in layout.columns.items()}
    extra: Extra = {name: row[column].strip() for name, column in layout.extra.items()}
    try:
        layout.understand(cells, extra)
    except RowRefused:
        return None
    return {**cells, "sellable": cells.get("sellable", "yes")}


def online_retail(folder: Path) -> Shop:
    """UCI Online Retail: purchases of known customers, and the last title of each product."""
    customers, products, days, prices = [], [], [], []
    titles: dict[str, str] = {}
    for row in rows(folder, "online_retail.csv.gz"):
        cells = understood(ONLINE_RETAIL, row)
        if cells is None:
            continue
        if cells["title"]:
            titles[cells["product"]] = cells["title"]
        bought = cells.get("kind") != "RETURN" and float(cells["quantity"]) > 0
        if bought and cells["customer"] and float(cells["unit_price"]) > 0:
            customers.append(cells["customer"])
            products.append(cells["product"])
            days.append(day_of(cells["occurred_at"]))
            prices.append(float(cells["unit_price"]))
    return shop(customers, products, days, prices, titles=titles, categories={})


def complete_journey(folder: Path, *, households: int | None = None) -> Shop:
    """The Complete Journey: what households bought. Its origin is disputed, it may be simulated."""
    named = {}
    for row in rows(folder, "completejourney_products.csv.gz"):
        cells = understood(PRODUCTS, row)
        if cells is not None:
            named[cells["product"]] = cells
    customers, products, days, prices = [], [], [], []
    known: set[str] = set()
    for row in rows(folder, "completejourney_transactions_*of3.csv.gz"):
        cells = understood(TRANSACTIONS, row)
        if cells is None or float(cells["quantity"]) <= 0:
            continue
        known.add(cells["customer"])
        if households is not None and len(known) > households:
            break
        customers.append(cells["customer"])
        products.append(cells["product"])
        days.append(day_of(cells["occurred_at"]))
        prices.append(float(cells["amount"]) / float(cells["quantity"]))
    titles = {product: cells["title"] for product, cells in named.items()}
    categories = {product: cells["category"] for product, cells in named.items()}
    return shop(customers, products, days, prices, titles=titles, categories=categories)


def movielens(folder: Path) -> Interactions:
    """MovieLens 100k: weights are the stars."""
    read = list(rows(folder, "ml100k_ratings.csv.gz"))
    users, items = (
        np.unique([row[name] for row in read], return_inverse=True)
        for name in ("user_id", "item_id")
    )
    return Interactions.of(
        users[1],
        items[1],
        weights=[float(row["rating"]) for row in read],
        times=[float(row["timestamp"]) / SECONDS_A_DAY for row in read],
        n_customers=len(users[0]),
        n_products=len(items[0]),
    )


def shop(
    customers: list[str],
    products: list[str],
    days: list[float],
    prices: list[float],
    *,
    titles: dict[str, str],
    categories: dict[str, str],
) -> Shop:
    """Rows numbered in the order of the ids."""
    people, customer = np.unique(customers, return_inverse=True)
    goods, product = np.unique(products, return_inverse=True)
    events = Interactions.of(
        customer, product, times=days, n_customers=len(people), n_products=len(goods)
    )
    ids = goods.tolist()
    sums = np.bincount(product, prices, minlength=len(ids))
    descriptions = Descriptions(
        titles=[titles.get(each, "") for each in ids],
        categories=[categories.get(each, "") for each in ids],
        prices=sums / np.bincount(product, minlength=len(ids)),
    )
    return Shop(events, descriptions)


def day_of(text: str) -> float:
    """Days since 1970-01-01 on the clock of the file."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / SECONDS_A_DAY
