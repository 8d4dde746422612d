"""LightGBM and XGBoost on the same rows: as they come, and tuned on earlier windows."""

from itertools import product
from typing import Any, Final

import numpy as np

from benchmarks.predicting.windows import Task, rows
from retention.learning.measure.classification import Ranked, log_loss
from retention.learning.panel import FloatArray

Settings = dict[str, Any]

PATIENCE: Final = 50
MOST_TREES: Final = 1_000
TRIED: Final = 12
_COMMON: Final[Settings] = {"learning_rate": 0.05, "n_estimators": MOST_TREES}
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
    """The best of so many settings drawn from the grid, by log loss on the window after those
    learned from, which also says how many trees; for a learner of all of them."""
    grid = GRIDS[library]
    whole: list[Settings] = [
        dict(zip(grid, values, strict=True)) for values in product(*grid.values())
    ]
    drawn = np.random.default_rng(0).permutation(len(whole))[:tried]
    found = [(*_tried(library, task, whole[at]), int(at)) for at in drawn.tolist()]
    _, trees, best = min(found)
    chosen: Settings = whole[best] | {"n_estimators": trees}
    return chosen


def probabilities(library: str, task: Task, settings: Settings | None) -> FloatArray:
    """Of being lost, of the audience asked about, learned from everything before; None: with the
    library's own settings."""
    given = {} if settings is None else _COMMON | _SAMPLED[library] | settings
    model = _classifier(library, given).fit(*rows(task.known))
    return np.asarray(model.predict_proba(task.test.table.values)[:, 1], dtype=np.float64)


def _tried(library: str, task: Task, settings: Settings) -> tuple[float, int]:
    """Log loss on the window to choose by, and how many trees were best there."""
    x, lost = rows(task.train)
    later = task.choose
    given = _COMMON | _SAMPLED[library] | settings
    if library == "LightGBM":
        import lightgbm

        model = _classifier(library, given).fit(
            x,
            lost,
            eval_X=later.table.values,
            eval_y=later.lost,
            eval_metric="binary_logloss",
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )
        trees = int(model.best_iteration_)
    else:
        stops = {"eval_metric": "logloss", "early_stopping_rounds": PATIENCE}
        model = _classifier(library, given | stops).fit(
            x, lost, eval_set=[(later.table.values, later.lost)], verbose=False
        )
        trees = int(model.best_iteration) + 1
    said = model.predict_proba(later.table.values)[:, 1].astype(np.float64)
    return log_loss(Ranked(later.lost, said), np.ones(len(said))), trees


def _classifier(library: str, settings: Settings) -> Any:
    if library == "LightGBM":
        import lightgbm

        return lightgbm.LGBMClassifier(random_state=0, verbosity=-1, **{"n_jobs": 2} | settings)
    import xgboost

    return xgboost.XGBClassifier(random_state=0, **{"n_jobs": 2} | settings)
