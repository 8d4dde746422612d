from collections.abc import Iterator
from datetime import datetime

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import local_day
from retention.insights.families.family import Progress, silent
from retention.insights.goods import shelves_of
from retention.insights.listing import evidence_of, items_of, popular_items
from retention.insights.models import ProductPair, RecommendationList
from retention.insights.publishing import publish_lists, publish_pairs
from retention.insights.quality.cleaning import learnable
from retention.insights.tastes import KEPT, Serving, serving, sold
from retention.learning.interactions import IntArray
from retention.learning.recommend.neighbours import ItemNeighbours, rows_of
from retention.learning.vocabulary import IdArray, Vocabulary

PAIRS = 12
COMMON = 120
"""As long as an answer may be, and more: what everyone buys fills it up."""
BLOCK = 4_096


class NothingServes(Exception):
    """There is no model to work with yet."""


def recommend_to_everyone(*, at: datetime, progress: Progress = silent) -> dict[str, int]:
    """Store what each consenting customer may want, what everyone buys, and what goes together.

    Raises NothingServes, BrokenArtifact.
    """
    model = serving()
    if model is None:
        raise NothingServes("No recommendation model serves yet. Train one first.")
    rows = model.customers.rows(_consenting(model.customers))
    written = publish_lists(
        list(_common(model, at)), _lists(model, rows, at), total=len(rows), progress=progress
    )
    return {"lists": written, "pairs": publish_pairs(_pairs(model))}


def _consenting(people: Vocabulary) -> IdArray:
    """Asked again now: consent may have been withdrawn since the model learned."""
    allowed = learnable(Purpose.RECOMMENDATION).values_list("pk", flat=True)
    return np.intersect1d(people.ids, np.fromiter(allowed, dtype=np.int64))


def _common(model: Serving, at: datetime) -> Iterator[RecommendationList]:
    """What everyone buys lately, and what of each category."""
    products, popularity = model.products, model.hybrid.models_["popularity"]
    shelves, allowed = shelves_of(products), sold(products)
    everything = np.zeros(len(products), dtype=np.int32)
    places = [None, *shelves.ids]
    for first, groups in [(0, everything), *((1, level) for level in shelves.levels)]:
        ranked, scores = popularity.best_of(groups, n_groups=len(places), k=COMMON, allowed=allowed)
        for place in np.flatnonzero(ranked[:, 0] >= 0).tolist():
            yield RecommendationList(
                category_id=places[first + place],
                version=model.version,
                items=popular_items(ranked[place], scores[place], products),
                computed_at=at,
            )


def _lists(model: Serving, rows: IntArray, at: datetime) -> Iterator[RecommendationList]:
    """A list for everyone of whom something is known; the others get the common one."""
    hybrid, products = model.hybrid, model.products
    allowed = sold(products)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        blend = hybrid.blend(block, k=KEPT, allowed=allowed)
        near, again = hybrid.models_["neighbours"], hybrid.models_["buy_again"]
        evidence = evidence_of(
            hybrid,
            blend,
            history=rows_of(near.history_, block),
            due=again.explain(block, blend.products, at_day=local_day(at)),
        )
        customers = model.customers.ids_of(block).tolist()
        for place in np.flatnonzero(blend.personalised).tolist():
            items = items_of(blend, place, products, evidence)
            yield RecommendationList(
                customer_id=customers[place], version=model.version, items=items, computed_at=at
            )


def _pairs(model: Serving) -> Iterator[ProductPair]:
    yield from _pairs_of(model, ProductPair.Kind.SIMILAR, model.hybrid.models_["neighbours"])
    if model.baskets is not None:
        yield from _pairs_of(model, ProductPair.Kind.TOGETHER, model.baskets)


def _pairs_of(model: Serving, kind: str, neighbours: ItemNeighbours) -> Iterator[ProductPair]:
    products = model.products
    rows = np.arange(len(products), dtype=np.int32)
    near = neighbours.similar(rows, k=PAIRS)
    others = products.ids_of(near.products)
    for row, place in zip(*np.nonzero(near.products >= 0), strict=True):
        if near.products[row, place] == row:
            continue
        yield ProductPair(
            kind=kind,
            product_id=int(products.ids[row]),
            other_id=int(others[row, place]),
            score=float(near.scores[row, place]),
            both=int(near.together[row, place]),
            of=int(near.first[row]),
            version=model.version,
        )
