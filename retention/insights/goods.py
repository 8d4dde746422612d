"""What the shop says of its products, as learning takes it."""

from typing import Any

import numpy as np
from django.conf import settings

from catalog.models import Product
from retention.learning.interactions import FloatArray
from retention.learning.recommend.content import Descriptions
from retention.learning.vocabulary import Vocabulary
from retention.present.templatetags.present import minor_digits

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
