"""REC-6: MovieLens 100k in five random folds, against Surprise on its defaults."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.bars import Bars
from benchmarks.recommending.data import movielens
from retention.learning.interactions import DoubleArray, Interactions
from retention.learning.measure.ranking import Question, score
from retention.learning.recommend.explicit import BayesianFactors, ExplicitALS
from retention.learning.recommend.protocol import Recommender
from retention.learning.recommend.rated import latest

FOLDS = 5
EVER = np.inf
Forecast = Callable[[Interactions, Interactions], DoubleArray]
OURS: dict[str, type[ExplicitALS] | type[BayesianFactors]] = {
    "explicit ALS with biases": ExplicitALS,
    "Bayesian factors": BayesianFactors,
}


def ratings(bars: Bars, folder: Path, *, quick: bool) -> None:
    """RMSE on what was left out, and how the highest forecasts rank the films loved there."""
    events = movielens(folder)
    fold = np.random.default_rng(0).permutation(len(events)) % FOLDS
    errors: dict[str, list[float]] = {}
    ranks: dict[str, list[float]] = {}
    for each in range(1 if quick else FOLDS):
        known, kept = events._where(fold != each), events._where(fold == each)
        for name, kind in OURS.items():
            model = kind().fit(known, at_day=EVER)
            said = model.predict(kept.customers, kept.products)
            errors.setdefault(name, []).append(_rmse(said, kept))
            ranks.setdefault(name, []).append(_ranking(model, known, kept))
        for name, ask in _surprise(quick=quick).items():
            errors.setdefault(name, []).append(_rmse(ask(known, kept), kept))
    bars.say(f"\nMovieLens 100k, {len(errors['Bayesian factors'])} of {FOLDS} random folds")
    for name, found in errors.items():
        ranked = (
            f"   nDCG@10 of films given 4 or 5: {np.mean(ranks[name]):.3f}" if name in ranks else ""
        )
        bars.say(f"  {name:34} RMSE {np.mean(found):.4f}{ranked}")
    ours = float(np.mean(errors["Bayesian factors"]))
    peers = [float(np.mean(errors[name])) for name in errors if name not in OURS]
    bars.at_most("REC-6-movielens-rmse", ours, 0.895)
    bars.at_most("REC-6-below-best-surprise", ours, min(peers))


def _rmse(said: DoubleArray, kept: Interactions) -> float:
    return float(np.sqrt(np.mean((said.clip(1, 5) - kept.weights) ** 2)))


def _ranking(model: Recommender, known: Interactions, kept: Interactions) -> float:
    loved = latest(kept._where(kept.weights >= 4), EVER)
    some = np.flatnonzero(np.diff(loved.indptr)).astype(np.int32)
    seen = latest(known, EVER)[some]
    nobody = np.full(known.n_products, 0.01, np.float32)
    lists, _ = model.recommend(some, k=20, exclude=seen)
    return float(score(lists, Question(some, loved[some], seen, nobody)).ndcg.mean())


def _surprise(*, quick: bool) -> dict[str, Forecast]:
    import surprise

    kinds = {
        "Surprise SVD": surprise.SVD,
        "Surprise KNNBaseline": surprise.KNNBaseline,
        "Surprise SVD++": surprise.SVDpp,
    }
    if quick:
        del kinds["Surprise SVD++"]

    def forecast(kind: Callable[[], surprise.AlgoBase]) -> Forecast:
        def ask(known: Interactions, kept: Interactions) -> DoubleArray:
            table = zip(
                known.customers.tolist(), known.products.tolist(), known.weights.tolist(),
                strict=True,
            )  # fmt: skip
            data = surprise.Dataset(surprise.Reader(rating_scale=(1, 5)))
            inside = data.construct_trainset([(*row, None) for row in table])
            model = kind()
            model.verbose = False
            model.random_state = 0
            model.fit(inside)
            pairs = zip(kept.customers.tolist(), kept.products.tolist(), strict=True)
            return np.array([model.predict(*pair).est for pair in pairs])

        return ask

    return {name: forecast(kind) for name, kind in kinds.items()}
