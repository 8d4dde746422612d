"""A row of cells becomes a product or a customer message, or is refused with its reason."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from catalog.messages import ProductMessage
from customers.messages import CustomerMessage

from .layout import Cells, Extra, RowRefused, words
from .mapping import plain
from .money import price_reader
from .numbers import NotANumber, decimal_of
from .reading import Reading

T = TypeVar("T")

YES = frozenset(map(plain, words("yes y true 1 on ja oui si sim da active published")))
NO = frozenset(map(plain, words("no n false 0 off nein non nee inactive draft archived")))
PRODUCT_TEXTS = {
    "title": "title",
    "text": "description",
    "category": "category",
    "brand": "brand",
    "image_url": "image_url",
}
CUSTOMER_TEXTS = ("email", "phone", "timezone", "locale")


class ProductReader:
    """What a file does not say about a product stays as it is; an empty cell says nothing."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, cells: Cells, extra: Extra) -> ProductMessage:
        """Raises RowRefused."""
        if not cells.get("product"):
            raise RowRefused("missing_product", "The row has no product id.")
        said: dict[str, Any] = {
            name: cells[field] for field, name in PRODUCT_TEXTS.items() if cells.get(field)
        }
        if "category" in said:
            said["category"] = category_path(said["category"])
        currency = cells.get("currency", "").upper() or self.reading.currency
        money = price_reader(mark=self.reading.decimal, currency=currency)
        for field, name in (("unit_price", "price"), ("cost", "cost")):
            if cells.get(field):
                said[name] = _not_negative(_number(money, cells, field, "bad_price").minor)
                said["currency"] = currency
        if cells.get("stock"):
            said["stock"] = int(_number(self._decimal, cells, "stock", "bad_stock"))
        if cells.get("sellable"):
            said["sellable"] = yes_or_no(cells["sellable"], field="sellable")
        if kept := {key: value for key, value in extra.items() if value}:
            said["attributes"] = kept
        return ProductMessage(external_id=cells["product"], **said)

    def _decimal(self, cell: str) -> Decimal:
        return decimal_of(cell, mark=self.reading.decimal)


class CustomerReader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, cells: Cells, extra: Extra) -> CustomerMessage:
        """Raises RowRefused."""
        if not cells.get("customer"):
            raise RowRefused("missing_customer", "The row has no customer id.")
        said: dict[str, Any] = {name: cells[name] for name in CUSTOMER_TEXTS if cells.get(name)}
        parts = (cells.get("first_name"), cells.get("last_name"))
        if name := cells.get("name") or " ".join(filter(None, parts)):
            said["name"] = name
        if cells.get("marketing"):
            agreed = yes_or_no(cells["marketing"], field="marketing")
            said["consents"] = {"MARKETING": agreed}
        return CustomerMessage(external_id=cells["customer"], **said)


def category_path(text: str) -> str:
    """`Home>Mugs`, `Home|Mugs` and `home.mugs` are paths; a slash or a comma may be in a name."""
    mark = next((mark for mark in (">", "|") if mark in text), None)
    if mark is None and re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", text):
        mark = "."
    levels = text.split(mark) if mark else [text]
    return " > ".join(level.strip() for level in levels if level.strip())


def yes_or_no(cell: str, *, field: str) -> bool:
    word = plain(cell)
    if word not in YES | NO:
        raise RowRefused(f"bad_{field}", f"{field}: {cell!r} is neither yes nor no.")
    return word in YES


def _number(read: Callable[[str], T], cells: Cells, field: str, reason: str) -> T:
    try:
        return read(cells[field])
    except NotANumber as error:
        raise RowRefused(reason, f"{field}: {error}.") from error


def _not_negative(price: int) -> int:
    if price < 0:
        raise RowRefused("negative_price", "A price below zero.")
    return price
