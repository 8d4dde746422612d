"""Leaving by each customer's own usual gap beside one horizon for all: share lost and quality."""

from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting.data import panel_of
from retention.learning.churn.labels import ChurnDefinition
from retention.learning.churn.training import TrainedChurn, train_churn
from retention.learning.measure.intervals import Estimate

HORIZONS: Final = {"online-retail": 60, "cdnow": 90}
TIMES: Final = (None, 2.0, 3.0)
"""As long as usual; None: the horizon for everyone."""


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """What the page of a version would say of each definition; the first shop alone if quick."""
    for shop in list(HORIZONS)[: 1 if quick else None]:
        panel = panel_of(shop, folder)
        for times in TIMES:
            means = ChurnDefinition(HORIZONS[shop], active_within_days=180, overdue_times=times)
            made = train_churn(panel, means, rng=np.random.default_rng(1))
            name = f"{shop}, {f'{times:g} usual gaps' if times else 'the same for all'}"
            bars.say(f"{name}: {_told(made)}" if isinstance(made, TrainedChurn) else str(made))
            if isinstance(made, TrainedChurn):
                # Not better than chance by two half intervals, the gate would refuse it.
                bars.at_least(f"CHURN-own-gap {name}", made.quality.overall.auc.low, 0.5)


def _told(made: TrainedChurn) -> str:
    quality = made.quality
    return (
        f"{quality.overall.n:,} customers, lost {quality.overall.base_rate:.0%},"
        f" AUC {_figure(quality.overall.auc)}, RFM {quality.rfm.auc.value:.3f},"
        f" better by {_figure(quality.over_rfm)}, calibration {quality.overall.ece.value:.3f}"
    )


def _figure(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
