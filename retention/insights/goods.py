"""What the shop says of its products, as learning takes it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from catalog.models import Category, Product
from catalog.services.grow import SEPARATOR
from retention.learning.interactions import FloatArray, IntArray
from retention.learning.recommend.content import Descriptions
from retention.learning.vocabulary import Vocabulary
from retention.present.currencies import minor_digits

FIELDS = ("pk", "title", "description", "category__path", "brand", "price", "currency")
CHUNK = 5_000


def descriptions_of(products: Vocabulary) -> Descriptions:
    """One entry for each product of a vocabulary, in its order, as the catalogue has it now.

    Prices in the shop's currency, in major units, nan in any other. Vectors are those that the shop
    put into `attributes` as {"vectors": {"picture": [0.1, ...]}}: of each kind the length of the
    first counts, a vector of another length is passed over.
    """
    n = len(products)
    titles, texts, categories, brands = ([""] * n for _ in range(4))
    prices = np.full(n, np.nan)
    unit = 10 ** minor_digits(settings.SHOP_CURRENCY)
    rows = Product.objects.order_by("pk").values_list(*FIELDS)
    for pk, title, text, category, brand, price, currency in rows.iterator(chunk_size=CHUNK):
        row = int(products.rows(np.array([pk]))[0])
        if row < 0:
            continue
        titles[row], texts[row], categories[row], brands[row] = title, text, category or "", brand
        if price is not None and currency == settings.SHOP_CURRENCY:
            prices[row] = price / unit
    return Descriptions(
        titles=titles,
        texts=texts,
        categories=categories,
        brands=brands,
        prices=prices,
        vectors=_vectors(products),
    )


@dataclass(frozen=True, eq=False)
class Shelves:
    """The tree of categories as groups of products: a category holds all that lies below it.

    ids : (n,) of the categories. levels : for each depth of the tree (n_products,) the category of
    that depth a product lies in, as a place among ids, -1 for none.
    """

    ids: list[int]
    levels: list[IntArray]


def shelves_of(products: Vocabulary) -> Shelves:
    """As the catalogue has them now."""
    paths = list(Category.objects.order_by("pk").values_list("pk", "path"))
    place = {path: at for at, (_, path) in enumerate(paths)}
    # A category that the catalogue does not name between two others is passed over.
    trails = [
        [place.get(SEPARATOR.join(steps[: depth + 1]), -1) for depth in range(len(steps))]
        for steps in (path.split(SEPARATOR) for _, path in paths)
    ]
    own = np.full(len(products), -1, dtype=np.int32)
    where = {pk: at for at, (pk, _) in enumerate(paths)}
    filed = Product.objects.exclude(category=None).values_list("pk", "category")
    pairs = np.array(list(filed.iterator(chunk_size=CHUNK)), dtype=np.int64).reshape(-1, 2)
    rows = products.rows(pairs[:, 0])
    places = np.array([where.get(pk, -1) for pk in pairs[:, 1].tolist()], dtype=np.int32)
    own[rows[rows >= 0]] = places[rows >= 0]
    depth = max((len(trail) for trail in trails), default=0)
    table = np.array([trail + [-1] * (depth - len(trail)) for trail in [*trails, []]], np.int32)
    return Shelves([pk for pk, _ in paths], [column[own] for column in table.T])


def _vectors(products: Vocabulary) -> dict[str, FloatArray]:
    tables: dict[str, FloatArray] = {}
    told = Product.objects.filter(attributes__has_key="vectors").order_by("pk")
    for pk, attributes in told.values_list("pk", "attributes").iterator(chunk_size=CHUNK):
        row = int(products.rows(np.array([pk]))[0])
        supplied = attributes["vectors"]
        if row < 0 or not isinstance(supplied, dict):
            continue
        for kind, numbers in supplied.items():
            vector = _vector(numbers)
            if vector is None:
                continue
            table = tables.setdefault(kind, np.zeros((len(products), len(vector)), np.float32))
            if len(vector) == table.shape[1]:
                table[row] = vector
    return tables


def _vector(numbers: Any) -> FloatArray | None:
    """None for what is no list of finite numbers."""
    if not isinstance(numbers, list) or not numbers:
        return None
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers):
        return None
    vector = np.array(numbers, dtype=np.float32)
    return vector if np.isfinite(vector).all() else None
