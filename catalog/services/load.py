"""Products as the shop sells them, sent whole or in part, once or every night."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction
from msgspec import UNSET

from catalog.identifiers import is_nothing
from catalog.messages import ProductMessage
from catalog.models import Product
from catalog.refusals import Refusal, Refused, as_json, sound
from catalog.services.grow import SEPARATOR, category_path, depth_of, grow_categories
from catalog.services.recognise import recognise_products
from retention.present.currencies import CODES

SENT = (
    "title",
    "description",
    "brand",
    "price",
    "cost",
    "currency",
    "image_url",
    "attributes",
    "stock",
    "sellable",
)
"""Fields that go from a message into its product as they are."""

LONGEST_PATH, MOST_LEVELS = 500, 20
"""Characters and levels of a category as it is kept."""


@dataclass(frozen=True)
class Loaded:
    """What became of the messages: created + updated + unchanged + refused is what was sent."""

    created: int
    updated: int
    unchanged: int
    refused: list[Refused]

    @property
    def stored(self) -> int:
        return self.created + self.updated


def load_products(products: Sequence[ProductMessage], *, at: datetime) -> Loaded:
    """Make or change these products in one transaction. What is not sent stays as it is."""
    messages, refused = _read(products)
    became: Counter[str] = Counter()
    changed = {}
    with transaction.atomic():
        categories = grow_categories(one.category for one in messages if one.category)
        _, new = recognise_products((one.external_id for one in messages), at=at)
        known = _locked(messages)
        for message in messages:
            product = known[message.external_id]
            if different := _change(product, message, categories):
                changed[product.external_id] = product
            became["created" if product.external_id in new else _update(different)] += 1
            new.discard(product.external_id)
        _write(changed.values(), at=at)
    return Loaded(became["created"], became["updated"], became["unchanged"], refused)


def _update(different: bool) -> str:
    return "updated" if different else "unchanged"


def _read(products: Sequence[ProductMessage]) -> tuple[list[ProductMessage], list[Refused]]:
    messages, refused = sound(products, ProductMessage)
    read = []
    for index, message in messages:
        try:
            read.append(_product(message))
        except Refusal as refusal:
            refused.append(refusal.at(index))
    return read, sorted(refused, key=lambda one: one.index)


def _product(message: ProductMessage) -> ProductMessage:
    """The message with its id, category and currency as they are stored; Refusal if it is wrong."""
    external_id = message.external_id.strip()
    if is_nothing(external_id):
        raise Refusal("bad_external_id", f"external_id {message.external_id!r} names no product.")
    if message.attributes is not UNSET:
        as_json("attributes", message.attributes)
    if message.image_url and not re.match(r"https?://\S+\Z", message.image_url):
        raise Refusal("bad_image_url", f"image_url {message.image_url!r}: expected http or https.")
    currency = message.currency
    if currency is not UNSET:
        if currency and currency.upper() not in CODES:
            raise Refusal(
                "bad_currency", f"currency {currency!r}: expected a code of ISO 4217, as in GBP."
            )
        currency = currency.upper()
    category = UNSET if message.category is UNSET else category_path(message.category)
    if category:
        _check_path(category)
    return msgspec.structs.replace(
        message, external_id=external_id, category=category, currency=currency
    )


def _check_path(path: str) -> None:
    """A path grows where its levels are parted as they are kept. Raises Refusal."""
    levels = depth_of(path)
    if len(path) > LONGEST_PATH or levels > MOST_LEVELS:
        raise Refusal(
            "bad_category",
            f"category has {levels} levels and, parted by {SEPARATOR!r}, {len(path)} characters: "
            f"expected at most {MOST_LEVELS} and {LONGEST_PATH}.",
        )


def _locked(messages: Iterable[ProductMessage]) -> dict[str, Product]:
    """The products, kept from other loaders until we commit, in one order for all of them."""
    ids = {message.external_id for message in messages}
    rows = Product.objects.select_for_update(no_key=True).order_by("external_id")
    return {product.external_id: product for product in rows.filter(external_id__in=ids)}


def _change(product: Product, message: ProductMessage, categories: dict[str, int]) -> bool:
    """Take over what was sent; False where all of it was so already."""
    sent = {name: getattr(message, name) for name in SENT}
    sent = {name: value for name, value in sent.items() if value is not UNSET}
    if message.category is not UNSET:
        sent["category_id"] = categories.get(message.category)
    price = sent.get("price", product.price)
    if price is not None and not sent.get("currency", product.currency):
        sent["currency"] = settings.SHOP_CURRENCY
    different = {name for name, value in sent.items() if getattr(product, name) != value}
    for name in different:
        setattr(product, name, sent[name])
    return bool(different)


def _write(products: Iterable[Product], *, at: datetime) -> None:
    rows = []
    for product in products:
        product.updated_at = at
        product.pk = None  # Found again by the shop's own id: an upsert of many is one statement.
        rows.append(product)
    Product.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["external_id"],
        update_fields=[*SENT, "category", "updated_at"],
    )
