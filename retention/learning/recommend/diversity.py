"""Lists made less of one kind, where an operator wants it: what it costs is for them to see."""

import numpy as np

from retention.learning.interactions import FloatArray, IntArray
from retention.learning.recommend.protocol import Ranked
from retention.learning.recommend.selection import nothing


def spread(
    products: IntArray, scores: FloatArray, content: FloatArray, *, k: int, strength: float
) -> Ranked:
    """The k products that are good and unlike each other: maximal marginal relevance.

    products, scores : (n, m) longer lists, best first, ending in -1, nan.
    content : (n_products, d) rows of length 1 or 0.
    strength : 0 keeps the order, 1 looks at nothing but how unlike the next is to those chosen.
    Scores are compared within a list, from 0 for its last to 1 for its first (Carbonell and
    Goldstein 1998). The scores returned are the ones given.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie between 0 and 1, not {strength!r}.")
    chosen, kept = nothing(len(products), k)
    for row, (list_, values) in enumerate(zip(products, scores, strict=True)):
        order = _marginal(list_[list_ >= 0], values[list_ >= 0], content, k, strength)
        chosen[row, : len(order)], kept[row, : len(order)] = list_[order], values[order]
    return chosen, kept


def _marginal(
    products: IntArray, scores: FloatArray, content: FloatArray, k: int, strength: float
) -> list[int]:
    vectors = content[products]
    width = max(float(np.ptp(scores)) if len(scores) else 0.0, 1e-12)
    worth = (1 - strength) * (scores - scores.min(initial=np.inf)) / width
    nearest = np.zeros(len(products))
    order: list[int] = []
    for _ in range(min(k, len(products))):
        gain = worth - strength * nearest
        gain[order] = -np.inf
        order.append(int(np.argmax(gain)))
        nearest = np.maximum(nearest, vectors @ vectors[order[-1]])
    return order


def capped(
    products: IntArray, scores: FloatArray, categories: IntArray, *, k: int, most: int
) -> Ranked:
    """The first k of each list with at most so many of a category; -1 is no category, uncapped.

    products, scores : (n, m), best first, ending in -1, nan. categories : (n_products,).
    """
    if most < 1:
        raise ValueError(f"most must be 1 or more, not {most!r}.")
    chosen, kept = nothing(len(products), k)
    for row, list_ in enumerate(products):
        there = np.flatnonzero(list_ >= 0)
        kinds = categories[list_[there]]
        earlier = np.tril(kinds[:, None] == kinds[None, :], -1).sum(axis=1)
        places = there[(earlier < most) | (kinds < 0)][:k]
        chosen[row, : len(places)], kept[row, : len(places)] = list_[places], scores[row, places]
    return chosen, kept
