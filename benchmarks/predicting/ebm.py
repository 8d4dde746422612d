"""The additive model's peer: Explainable Boosting Machines (Lou et al. 2013) of `interpret`."""

import warnings
from typing import Final

import numpy as np

from benchmarks.predicting.windows import Task, rows
from retention.learning.panel import FloatArray

BAGS: Final = 4
"""Its default of fourteen takes three times as long."""
WAYS: Final = {"EBM": 0, "EBM with ten pairs": 10}
"""One curve a feature, as ours, and with so many surfaces of two features besides."""


def said(task: Task) -> dict[str, FloatArray]:
    """The probability of being lost, of the audience asked about, by each way."""
    return {name: _probabilities(task, pairs) for name, pairs in WAYS.items()}


def _probabilities(task: Task, pairs: int) -> FloatArray:
    from interpret.glassbox import ExplainableBoostingClassifier

    model = ExplainableBoostingClassifier(
        interactions=pairs, outer_bags=BAGS, n_jobs=1, random_state=0
    )
    with warnings.catch_warnings():
        # It says at length that what is unknown cannot be drawn.
        warnings.simplefilter("ignore")
        model.fit(*rows(task.known))
        found = model.predict_proba(task.test.table.values)[:, 1]
    return np.asarray(found, dtype=np.float64)
