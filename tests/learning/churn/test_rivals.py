"""The classifiers of the field behind one interface."""

import numpy as np
import pytest
from scipy.special import expit

from retention.learning.churn.classifiers import AdditiveLogit, Classifier
from retention.learning.churn.rivals import RIVALS, Stack
from retention.learning.measure.classification import Ranked, auc
from retention.learning.panel import BoolArray, FloatArray


def _customers(seed: int, n: int = 1_500) -> tuple[FloatArray, BoolArray]:
    """Two facts that matter, one in part unknown, one constant and one never known."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=n), rng.lognormal(size=n), np.ones(n), np.full(n, np.nan)])
    lost = rng.random(n) < expit(2 * x[:, 0] + x[:, 1] - 1)
    x[rng.random(n) < 0.1, 1] = np.nan
    return x, lost


@pytest.mark.parametrize("name", [*RIVALS, "stack"])
def test_every_rival_learns_what_there_is_and_says_it_again(name: str) -> None:
    def learned() -> Classifier:
        made = Stack(AdditiveLogit(), RIVALS["logistic"]()) if name == "stack" else RIVALS[name]()
        return made.fit(*_customers(1), rng=np.random.default_rng(2))

    x, lost = _customers(3)
    odds = learned().log_odds(x)

    assert np.isfinite(odds).all()
    assert auc(Ranked(lost, odds), np.ones(len(x))) > 0.8
    assert abs(expit(odds).mean() - lost.mean()) < 0.05
    assert (learned().log_odds(x) == odds).all()
