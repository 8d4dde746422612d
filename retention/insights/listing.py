"""A blend of the models as items of a list: who found each product, and the evidence."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from retention.learning.interactions import Csr, DoubleArray, FloatArray, IntArray
from retention.learning.recommend.blend import Blend
from retention.learning.recommend.buy_again import Due
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.reasons import NAMES, Reasons, most_alike, reasons_of
from retention.learning.vocabulary import Vocabulary

Items = list[dict[str, Any]]
FOR: Final = 4
"""Reasons that speak for a product: the main one and three more."""
LEAST: Final = 0.1
"""What adds less to the log-odds is no reason."""
AGAINST: Final = -0.25
"""What takes so much from the log-odds is said too: the odds are a fifth lower."""
ALIKE: Final = 2
"""So many products are named that another is like."""
DECIMALS: Final = 4
POPULAR: Final = "popularity"
"""The model that finds what everyone buys."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What there is to say of n lists of k products; products are rows of the model.

    because : (n, k) what of the history speaks most for each. alike : (n, k, ALIKE) by content.
    """

    due: Due
    because: IntArray
    alike: IntArray
    reasons: Reasons | None


def evidence_of(model: LearnedHybrid, blend: Blend, *, history: Csr, due: Due) -> Evidence:
    """history : (n, n_products) what each customer took, faded as the neighbours fade it."""
    near = model.models_["neighbours"]
    return Evidence(
        due=due,
        because=near.because_rows(history, blend.products),
        alike=most_alike(history, blend.products, model.goods_.content, most=ALIKE),
        reasons=reasons_of(blend, model.goods_.sales),
    )


def items_of(blend: Blend, place: int, products: Vocabulary, evidence: Evidence | None) -> Items:
    """One customer's list, best first, each with who found it and the evidence as JSON."""
    length = int(np.count_nonzero(blend.products[place] >= 0))
    items = [
        {"product": product, "score": round(score, 6), "model": blend.names[model]}
        for product, score, model in zip(
            products.ids_of(blend.products[place, :length]).tolist(),
            _positive(blend, place)[:length].tolist(),
            blend.found_by[place, :length].tolist(),
            strict=True,
        )
    ]
    if evidence is not None:
        _tell_habits(items, evidence.due, place)
        _tell_causes(items, evidence.because[place, :length], products)
        if evidence.reasons is not None and not np.isnan(evidence.reasons.log_odds[place, 0]):
            _tell_reasons(items, evidence.reasons, place)
            _tell_likeness(items, evidence.alike[place, :length], products)
    return items


def popular_items(ranked: IntArray, scores: FloatArray, products: Vocabulary) -> Items:
    """Best sellers (k,), ending in -1, as items of a list."""
    ids = products.ids_of(ranked[ranked >= 0]).tolist()
    return [
        {"product": product, "score": round(score, 6), "model": POPULAR}
        for product, score in zip(ids, scores.tolist(), strict=False)
    ]


def _tell_habits(items: Items, due: Due, place: int) -> None:
    times = due.times[place].tolist()
    for at in np.flatnonzero(due.times[place, : len(items)] > 0).tolist():
        items[at]["bought"] = {
            "times": times[at],
            "days_ago": round(float(due.days_ago[place, at])),
            "gap_days": round(float(due.gap_days[place, at])),
        }


def _tell_causes(items: Items, because: IntArray, products: Vocabulary) -> None:
    ids = products.ids_of(because).tolist()
    for at in np.flatnonzero(because >= 0).tolist():
        items[at]["because"] = ids[at]


def _tell_reasons(items: Items, reasons: Reasons, place: int) -> None:
    """Each as [name, effect, what there is to say]: the strongest first, what is against last."""
    odds = reasons.log_odds[place].tolist()
    effects = reasons.effects[place].tolist()
    values = reasons.values[place].tolist()
    order = np.argsort(-reasons.effects[place], axis=1, kind="stable").tolist()
    for item, total, own, said, ranked in zip(items, odds, effects, values, order, strict=False):
        told = [each for each in ranked[:1] if own[each] > 0]
        told += [each for each in ranked[1:FOR] if own[each] >= LEAST]
        told += [each for each in ranked[-1:] if own[each] <= AGAINST]
        item["log_odds"] = round(total, DECIMALS)
        item["why"] = [
            [NAMES[each], round(own[each], DECIMALS), _figure(said[each])] for each in told
        ]


def _figure(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.3g}")


def _tell_likeness(items: Items, alike: IntArray, products: Vocabulary) -> None:
    ids = products.ids_of(alike).tolist()
    there = (alike >= 0).tolist()
    for item, named, known in zip(items, ids, there, strict=True):
        if any(name == "content" for name, *_ in item["why"]):
            item["alike"] = [one for one, is_one in zip(named, known, strict=True) if is_one]


def _positive(blend: Blend, place: int) -> DoubleArray:
    """Scores as rules multiply them: a learned order's log-odds as the chance to be taken."""
    scores: DoubleArray = blend.scores[place].astype(np.float64)
    if blend.parts is None or np.isnan(blend.parts.base[place, 0]):
        return scores
    chances: DoubleArray = 1 / (1 + np.exp(-scores))
    return chances
