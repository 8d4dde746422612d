"""Why a product stands where it does: the figures of its score, gathered into reasons.

A score is a sum of one effect a figure; figures that tell one story are one reason, whose effect is
their sum. What is the same for all that a customer might be shown is no reason: it is the rest.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.interactions import Csr, DoubleArray, FloatArray, IntArray
from retention.learning.recommend.blend import Blend
from retention.learning.recommend.evidence import FEATURES
from retention.learning.recommend.goods import LITTLE, SLOWEST, USUAL
from retention.learning.recommend.ranker import bought_before

REST: Final = ""
REASONS: Final = {
    "again": "bought_before",
    "again_share": "bought_before",
    "days_ago": "bought_before",
    "times": "bought_before",
    "due": "bought_before",
    "habit": "bought_before",
    "comes_back": "comes_back",
    "visits": "bought_before",
    "together": "together",
    "taste": "taste",
    "direction": "taste",
    "content": "content",
    "variant": "content",
    "popular": "popular",
    "selling_now": "popular",
    "trend": "trend",
    "age": "age",
    "price": "price",
    "back_lately": "comes_back",
    "breadth": REST,
    "returning": REST,
    "quiet": REST,
}
"""Feature -> the reason it belongs to; REST for what only the customer decides."""
NAMES: Final = tuple(dict.fromkeys(name for name in REASONS.values() if name))
MEMBERS: Final = np.array([[REASONS[each] == name for name in NAMES] for each in FEATURES])
ENOUGH: Final = 0.05
"""Purchases, faded, below which a trend is not spoken of."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """Of lists of n customers and k products; nan where nothing is learned or a list has ended.

    effects : (n, k, len(NAMES)) what each reason adds to the log-odds of being taken.
    rest : (n, k) what every product shares. log_odds : (n, k) the score, exactly their sum.
    values : (n, k, len(NAMES)) what there is to say of a reason, nan where nothing: comes_back the
    share of its buyers who do, popular the share of products that sell as much or more, trend the
    sales a day these days over those of the last months, age the days since the first sale.
    """

    effects: DoubleArray
    rest: DoubleArray
    log_odds: DoubleArray
    values: DoubleArray


def reasons_of(blend: Blend, sales: FloatArray) -> Reasons | None:
    """The reasons of learned lists; None where all were fused by rank.

    sales : (n_products,) log of every product's faded sales, the least first.
    """
    parts = blend.parts
    if parts is None:
        return None
    effects = parts.effects @ MEMBERS.astype(np.float64)
    # Of what was never bought, all that its not being bought says is the same for every product.
    new = ~bought_before(parts.figures)
    effects[..., NAMES.index("bought_before")][new] = 0.0
    log_odds = parts.base + parts.effects.sum(axis=-1)
    return Reasons(
        effects, log_odds - effects.sum(axis=-1), log_odds, _values(parts.figures, sales)
    )


def most_alike(history: Csr, products: IntArray, content: FloatArray, *, most: int) -> IntArray:
    """The products of each history that speak most for products (n, k) by content, (n, k, most).

    history : (n, n_products) weights, whose roots count, as in the evidence. -1 where nothing does.
    """
    found = np.full((*products.shape, most), -1, np.int32)
    for row in np.flatnonzero(np.diff(history.indptr)):
        there = slice(history.indptr[row], history.indptr[row + 1])
        taken, weights = history.indices[there], np.sqrt(history.data[there])
        parts = (content[products[row]] @ content[taken].T) * weights
        parts[products[row][:, None] == taken] = 0
        best = np.argsort(-parts, axis=1, kind="stable")[:, :most]
        speaks = (np.take_along_axis(parts, best, axis=1) > 0) & (products[row] >= 0)[:, None]
        found[row, :, : best.shape[1]] = np.where(speaks, taken[best], -1)
    return found


def _values(figures: DoubleArray, sales: FloatArray) -> DoubleArray:
    column = {name: figures[..., place] for place, name in enumerate(FEATURES)}
    days = np.expm1(column["age"])
    said = {
        "comes_back": np.exp(column["comes_back"]),
        "popular": 1 - np.searchsorted(sales, column["popular"]) / len(sales),
        "trend": _trend(column["popular"], column["trend"], days),
        "age": days,
    }
    values = np.full((*figures.shape[:-1], len(NAMES)), np.nan)
    for name, each in said.items():
        values[..., NAMES.index(name)] = each
    return values


def _trend(popular: DoubleArray, trend: DoubleArray, days: DoubleArray) -> DoubleArray:
    """Sales a day these days over those of the last months, both since the first sale."""
    usual = (np.exp(popular) - LITTLE) / _width(USUAL, days)
    slow = np.exp(popular - trend) - LITTLE
    enough = slow > ENOUGH
    ratio: DoubleArray = usual / np.where(enough, slow / _width(SLOWEST, days), 1)
    return np.where(enough, ratio, np.nan)


def _width(half_life: float, days: DoubleArray) -> DoubleArray:
    """What one sale a day, for so many days, fades to: a newcomer is held to what it can have."""
    faded: DoubleArray = (1 - np.exp2(-days / half_life)) * half_life / np.log(2)
    return faded
