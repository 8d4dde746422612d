"""implicit's models, tuned on an earlier cut-off than they are judged on, as ours were."""

import logging
import warnings
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.recommending.judging import LIST, Lists
from retention.learning.interactions import Csr, IntArray, Interactions
from retention.learning.measure.ranking import Question, score

# What each is tried with: how the purchases fade, and its own options.
FADES: tuple[float | None, ...] = (None, 120.0)
CHOICES: dict[str, list[dict[str, Any]]] = {
    "implicit TF-IDF neighbours": [{"K": 50}, {"K": 200}],
    "implicit BM25 neighbours": [
        {"K": k, "K1": k1, "B": b} for k in (50, 200) for k1 in (0.5, 1.2) for b in (0.3, 0.75)
    ],
    "implicit ALS": [
        {"factors": f, "alpha": a, "regularization": r}
        for f in (64, 128)
        for a in (1.0, 10.0)
        for r in (0.01, 0.1)
    ],
    "implicit BPR": [{"factors": 64, "iterations": 100}, {"factors": 128, "iterations": 200}],
}


def fit(name: str, known: Interactions, at_day: float, fade: float | None, **options: Any) -> Lists:
    """A peer, learned from the events before a day."""
    import implicit.als
    import implicit.bpr
    import implicit.nearest_neighbours as near
    from implicit.utils import ParameterWarning

    kinds = {
        "implicit TF-IDF neighbours": near.TFIDFRecommender,
        "implicit BM25 neighbours": near.BM25Recommender,
        "implicit ALS": implicit.als.AlternatingLeastSquares,
        "implicit BPR": implicit.bpr.BayesianPersonalizedRanking,
    }
    seeded = {} if "neighbours" in name else {"random_state": 0}
    logging.getLogger("implicit").setLevel(logging.ERROR)
    model = kinds[name](**options, **seeded)
    taken = csr_matrix(known.matrix(at_day, half_life_days=fade))
    warnings.simplefilter("ignore", ParameterWarning)
    model.fit(taken, show_progress=False)

    def lists(customers: IntArray, seen: Csr | None) -> IntArray:
        # What was bought is asked for too and sifted out here: the same rule for every model.
        deep = LIST if seen is None else LIST + int(np.diff(seen.indptr).max(initial=0))
        deep = min(deep, taken.shape[1])
        found, scores = model.recommend(
            customers, taken[customers], N=deep, filter_already_liked_items=False
        )
        found = np.where(np.isfinite(scores) & (scores > -1e30), found, -1)
        return _without(found.astype(np.int32), seen)

    return lists


def tuned(
    name: str, events: Interactions, asked: Question, at_day: float
) -> tuple[float | None, dict[str, Any]]:
    """The fade and options with the best nDCG@10 at an earlier cut-off."""
    tried = [
        (score(fit(name, events, at_day, fade, **options)(asked.customers, None), asked), fade, o)
        for fade in FADES
        for o in CHOICES[name]
        for options in [o]
    ]
    _, fade, options = max(tried, key=lambda each: float(each[0].ndcg.mean()))
    return fade, options


def _without(found: IntArray, seen: Csr | None) -> IntArray:
    """The first LIST of each row that are not in seen, -1 where they end."""
    if seen is None:
        return found
    lists = np.full((len(found), LIST), -1, np.int32)
    for row, products in enumerate(found):
        barred = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
        kept = products[~np.isin(products, barred)][:LIST]
        lists[row, : len(kept)] = kept
    return lists
