from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from catalog.models import Product
from customers.models import Customer, Purpose
from retention.insights.families.factorization import hybrid_of
from retention.insights.families.family import Progress, silent
from retention.insights.models import Kind, ModelVersion, ProductPair, RecommendationList
from retention.insights.publishing import publish_lists, publish_pairs
from retention.insights.serving import load_champion
from retention.learning.interactions import BoolArray, IntArray
from retention.learning.recommend.buy_again import Due
from retention.learning.recommend.hybrid import Blend, Hybrid
from retention.learning.vocabulary import IdArray, Vocabulary

KEPT = 40
"""Longer than what is shown, so that a list stays full when products sell out."""
PAIRS = 12
BLOCK = 4_096


@dataclass(frozen=True)
class Serving:
    """The model that serves, with the ids behind its rows."""

    hybrid: Hybrid
    customers: Vocabulary
    products: Vocabulary
    version: ModelVersion


class NothingServes(Exception):
    """There is no model to work with yet."""


def recommend_to_everyone(*, at: datetime, progress: Progress = silent) -> dict[str, int]:
    """Store what each consenting customer may want, what everyone buys, and what goes together.

    Raises NothingServes, BrokenArtifact.
    """
    champion = load_champion(Kind.FACTORIZATION)
    if champion is None:
        raise NothingServes("No recommendation model serves yet. Train one first.")
    version, parameters, arrays = champion
    serving = Serving(
        hybrid=hybrid_of(parameters, arrays),
        customers=Vocabulary(ids=arrays["customers"]),
        products=Vocabulary(ids=arrays["products"]),
        version=version,
    )
    rows = serving.customers.rows(_consenting(serving.customers))
    written = publish_lists(
        _common(serving, at), _lists(serving, rows, at), total=len(rows), progress=progress
    )
    return {"lists": written, "pairs": publish_pairs(_pairs(serving))}


def _consenting(people: Vocabulary) -> IdArray:
    """Asked again now: consent may have been withdrawn since the model learned."""
    allowed = Customer.objects.consenting(Purpose.RECOMMENDATION).values_list("pk", flat=True)
    return np.intersect1d(people.ids, np.fromiter(allowed, dtype=np.int64))


def _sold(products: Vocabulary) -> BoolArray:
    """Which products of the model are not withdrawn; stock changes by the hour, it is asked later.

    Sifted already here, or who bought what is no longer made would be left with a short list.
    """
    sold = Product.objects.filter(sellable=True).values_list("pk", flat=True)
    return np.isin(products.ids, np.fromiter(sold, dtype=np.int64))


def _common(serving: Serving, at: datetime) -> RecommendationList:
    """What everyone buys lately."""
    nobody = np.array([-1], dtype=np.int32)
    popular = serving.hybrid.blend(nobody, k=KEPT, allowed=_sold(serving.products))
    items = _items(popular, 0, serving.products, because=None, due=None)
    return RecommendationList(version=serving.version, items=items, computed_at=at)


def _lists(serving: Serving, rows: IntArray, at: datetime) -> Iterator[RecommendationList]:
    """A list for everyone of whom something is known; the others get the common one."""
    hybrid, products = serving.hybrid, serving.products
    allowed = _sold(products)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        blend = hybrid.blend(block, k=KEPT, allowed=allowed)
        because = hybrid.models_["neighbours"].because(block, blend.products)
        due = hybrid.models_["buy_again"].explain(block, blend.products)
        customers = serving.customers.ids_of(block).tolist()
        for place in np.flatnonzero(blend.personalised).tolist():
            items = _items(blend, place, products, because=because[place], due=due)
            yield RecommendationList(
                customer_id=customers[place], version=serving.version, items=items, computed_at=at
            )


def _items(
    blend: Blend, place: int, products: Vocabulary, *, because: IntArray | None, due: Due | None
) -> list[dict[str, Any]]:
    """One customer's list, best first, each with who found it and the evidence."""
    shown = np.flatnonzero(blend.products[place] >= 0)
    ids = products.ids_of(blend.products[place])
    sources = None if because is None else products.ids_of(because)
    items = []
    for at in shown.tolist():
        name = blend.names[int(blend.found_by[place, at])]
        item: dict[str, Any] = {
            "product": int(ids[at]),
            "score": round(float(blend.scores[place, at]), 6),
            "model": name,
        }
        if due is not None and due.times[place, at] > 0:
            item["bought"] = {
                "times": int(due.times[place, at]),
                "days_ago": round(float(due.days_ago[place, at])),
                "gap_days": round(float(due.gap_days[place, at])),
            }
        if sources is not None and sources[at] >= 0 and sources[at] != ids[at]:
            item["because"] = int(sources[at])
        items.append(item)
    return items


def _pairs(serving: Serving) -> Iterator[ProductPair]:
    products = serving.products
    rows = np.arange(len(products), dtype=np.int32)
    near = serving.hybrid.models_["neighbours"].similar(rows, k=PAIRS)
    others = products.ids_of(near.products)
    for row, place in zip(*np.nonzero(near.products >= 0), strict=True):
        if near.products[row, place] == row:
            continue
        yield ProductPair(
            product_id=int(products.ids[row]),
            other_id=int(others[row, place]),
            score=float(near.scores[row, place]),
            both=int(near.together[row, place]),
            of=int(near.first[row]),
            version=serving.version,
        )
