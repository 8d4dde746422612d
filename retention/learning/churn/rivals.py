"""The classifiers of the field behind one interface, to hold the served one against.

scikit-learn is imported where it learns: it would be most of every process's start.
"""

from collections.abc import Callable
from typing import Any, Final, Self

import numpy as np
from numpy.random import Generator
from scipy.special import logit
from threadpoolctl import threadpool_limits

from retention.learning.churn.classifiers import Classifier
from retention.learning.panel import BoolArray, FloatArray

Seed = int
_CERTAIN = 1e-6


class Rival:
    """A scikit-learn classifier as a `Classifier`.

    make : the unfitted one of a seed. fill : whether it wants features without nan, alike in
    scale: then the median stands for what is not known, a column says so, and a feature becomes
    its rank among the customers learned from, which no outlier stretches.
    """

    def __init__(self, make: Callable[[Seed], Any], *, fill: bool = True) -> None:
        self.make = make
        self.fill = fill

    def fit(self, x: FloatArray, lost: BoolArray, *, rng: Generator) -> Self:
        """Learn from x (n, m) and lost (n,)."""
        seed = int(rng.integers(2**31))
        learner = self.make(seed)
        if self.fill:
            learner = _filled(learner, n_quantiles=min(200, len(x)), seed=seed)
        self.told_apart_ = _varies(x)
        # Many threads would wait for each other where another process has the cores.
        with threadpool_limits(limits=1):
            self.learner_ = learner.fit(x[:, self.told_apart_], lost)
        return self

    def log_odds(self, x: FloatArray) -> FloatArray:
        """Log-odds of being lost, (n,)."""
        with threadpool_limits(limits=1):
            said = self.learner_.predict_proba(x[:, self.told_apart_])[:, 1]
        odds: FloatArray = logit(np.clip(said, _CERTAIN, 1 - _CERTAIN))
        return odds


class Stack:
    """The mean of the log-odds of several classifiers, each learned from the same rows."""

    def __init__(self, *parts: Classifier) -> None:
        self.parts = parts

    def fit(self, x: FloatArray, lost: BoolArray, *, rng: Generator) -> Self:
        """Learn from x (n, m) and lost (n,)."""
        for part in self.parts:
            part.fit(x, lost, rng=rng)
        return self

    def log_odds(self, x: FloatArray) -> FloatArray:
        """Log-odds of being lost, (n,)."""
        odds: FloatArray = np.mean([part.log_odds(x) for part in self.parts], axis=0)
        return odds


def _varies(x: FloatArray) -> BoolArray:
    """Features of which two values are known, (m,): of the others there is nothing to learn."""
    low, high = np.fmin.reduce(x), np.fmax.reduce(x)
    varies: BoolArray = low < high
    return varies


def _filled(learner: Any, *, n_quantiles: int, seed: Seed) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer

    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(
            n_quantiles=n_quantiles, output_distribution="normal", random_state=seed
        ),
        learner,
    )


def _logistic(seed: Seed) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.1, max_iter=500)


def _tree(seed: Seed) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=6, min_samples_leaf=50, random_state=seed)


def _vectors(seed: Seed) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    # Its margin is no probability: Platt's sigmoid (1999) on three folds makes it one.
    return CalibratedClassifierCV(LinearSVC(C=0.01, random_state=seed), cv=3)


def _network(seed: Seed) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((32,), alpha=1.0, early_stopping=True, random_state=seed)


def _boosting(seed: Seed) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=50,
        early_stopping=True,
        random_state=seed,
    )


RIVALS: Final[dict[str, Callable[[], Classifier]]] = {
    "logistic": lambda: Rival(_logistic),
    "tree": lambda: Rival(_tree, fill=False),
    "vectors": lambda: Rival(_vectors),
    "network": lambda: Rival(_network),
    "boosting": lambda: Rival(_boosting, fill=False),
}
"""By the name under which each sits the exam; the settings are usual ones, drawn on no exam."""
