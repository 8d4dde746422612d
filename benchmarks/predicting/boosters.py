"""LightGBM and XGBoost on the same rows: as they come, and tuned on an earlier window."""

from collections.abc import Callable
from itertools import product
from typing import Any, Final

import numpy as np

from benchmarks.predicting.windows import Task, Window
from retention.learning.churn.calibration import fit_platt
from retention.learning.measure.classification import Ranked, log_loss
from retention.learning.panel import FloatArray

Settings = dict[str, Any]
Raw = Callable[[Window], FloatArray]
"""Log-odds of being lost of a window's audience."""

PATIENCE: Final = 50
MOST_TREES: Final = 1_000
TRIED: Final = 12
_COMMON: Final[Settings] = {"learning_rate": 0.05, "n_estimators": MOST_TREES, "n_jobs": 2}
GRIDS: Final[dict[str, dict[str, tuple[float, ...]]]] = {
    "LightGBM": {
        "num_leaves": (2, 4, 8, 16, 31),
        "min_child_samples": (20, 100),
        "colsample_bytree": (0.3, 0.8),
        "reg_lambda": (0.0, 10.0),
    },
    "XGBoost": {
        "max_depth": (1, 2, 3, 4, 6),
        "min_child_weight": (1, 20),
        "colsample_bytree": (0.3, 0.8),
        "reg_lambda": (1.0, 10.0),
    },
}
_SAMPLED: Final[dict[str, Settings]] = {
    "LightGBM": {"subsample": 0.8, "subsample_freq": 1},
    "XGBoost": {"subsample": 0.8},
}


def tuned(library: str, task: Task, *, tried: int = TRIED) -> Settings:
    """The best of so many settings drawn from the grid, by calibrated log loss on the window after
    the training ones; that window also ends each one's growing."""
    grid = GRIDS[library]
    whole: list[Settings] = [
        dict(zip(grid, values, strict=True)) for values in product(*grid.values())
    ]
    drawn = np.random.default_rng(0).permutation(len(whole))[:tried]
    found: list[tuple[float, int]] = []
    for at in drawn.tolist():
        probability = fitted(library, task, whole[at])
        said = np.clip(probability(task.calibrate), 0, 1)
        ranked = Ranked(task.calibrate.lost, said)
        found.append((log_loss(ranked, np.ones(len(said))), at))
    return whole[min(found)[1]]


def fitted(library: str, task: Task, settings: Settings | None) -> Raw:
    """Calibrated probabilities (Platt, on the calibration window); None: as the library comes."""
    raw = {"LightGBM": _lightgbm, "XGBoost": _xgboost}[library](task, settings)
    platt = fit_platt(raw(task.calibrate), task.calibrate.lost)
    return lambda window: platt.probability(raw(window))


def _lightgbm(task: Task, settings: Settings | None) -> Raw:
    import lightgbm

    x, lost, later = task.features(), task.lost, task.calibrate
    if settings is None:
        model = lightgbm.LGBMClassifier(n_jobs=2, verbosity=-1).fit(x, lost)
    else:
        given = _COMMON | _SAMPLED["LightGBM"] | settings
        model = lightgbm.LGBMClassifier(**given, random_state=0, verbosity=-1).fit(
            x,
            lost,
            eval_X=later.table.values,
            eval_y=later.lost,
            eval_metric="binary_logloss",
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )
    return lambda window: np.asarray(
        model.predict(window.table.values, raw_score=True), dtype=np.float64
    )


def _xgboost(task: Task, settings: Settings | None) -> Raw:
    import xgboost

    x, lost, later = task.features(), task.lost, task.calibrate
    if settings is None:
        model = xgboost.XGBClassifier(n_jobs=2).fit(x, lost)
    else:
        given = _COMMON | _SAMPLED["XGBoost"] | settings
        model = xgboost.XGBClassifier(
            **given,
            random_state=0,
            tree_method="hist",
            eval_metric="logloss",
            early_stopping_rounds=PATIENCE,
        ).fit(x, lost, eval_set=[(later.table.values, later.lost)], verbose=False)
    return lambda window: np.asarray(
        model.predict(window.table.values, output_margin=True), dtype=np.float64
    )
