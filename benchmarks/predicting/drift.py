"""How often the watch of the churn model alarms: on shops as they were, and where most customers
stopped ordering two months ago, which it must see."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting.data import panel_of
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import ChurnDefinition, outcome
from retention.learning.churn.training import TrainedChurn, train_churn
from retention.learning.churn.watching import Decay, Watched, reference_of, watch
from retention.learning.measure.stability import Reference
from retention.learning.panel import SECONDS_A_DAY, Kind, Panel
from retention.learning.recommend.threads import one_blas_thread

DEFINITION: Final = ChurnDefinition(horizon_days=60, active_within_days=180)
TRAINED: Final = {
    "online-retail": (84, 56, 28),
    "cdnow": (168, 84),
    "complete-journey": (84, 56, 28),
}
"""So many days before the end of each set the model learned."""
LOOKS: Final = (0, 7, 14, 28, 56, 84)
"""So many days after."""
RESAMPLES: Final = 60


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Every shop; quickly, one training of the first."""
    with one_blas_thread():
        for shop, days in list(TRAINED.items())[: 1 if quick else None]:
            panel = panel_of(shop, folder)
            seen = [_watched(bars, shop, panel, back) for back in days[: 1 if quick else None]]
            bars.at_least(f"DRIFT {shop}: seen where most stay away", float(np.mean(seen)), 1)


@dataclass(frozen=True)
class Serving:
    """A model with what it is held against."""

    made: TrainedChurn
    reference: Reference

    def look(self, panel: Panel, day: float) -> Watched:
        found = watch(
            self.made.model,
            self.reference,
            panel.before(day),
            cut_off=day,
            examined=self.made.plan.test,
            rng=np.random.default_rng(0),
            resamples=RESAMPLES,
        )
        assert found is not None
        return found

    def decays(self, found: Watched) -> list[Decay]:
        return found.decays(self.made.quality.overall.auc)


def _watched(bars: Bars, shop: str, panel: Panel, back: int) -> bool:
    """Tell every look at one training; whether the last sees customers who stay away."""
    last = float(np.floor((panel.second.max() + 1) / SECONDS_A_DAY))
    serving = _serving(panel, last - back)
    for day in _days(last - back, last):
        found = serving.look(panel, day)
        assert found.scores is not None
        alarms = ", ".join(serving.decays(found)) or "quiet"
        bars.say(
            f"{shop}, learned {back} days before the end, {day - last + back:.0f} days later:"
            f" index {found.scores.index:.3f} (chance {found.scores.chance:.3f}), {_truth(found)},"
            f" {alarms}"
        )
    gone = serving.look(_without_most(panel, last), last)
    assert gone.scores is not None
    found_out = serving.decays(gone)
    bars.say(
        f"{shop}, three of four stay away for two months: index {gone.scores.index:.3f},"
        f" {_truth(gone)}, {', '.join(found_out)}"
    )
    return Decay.LEVEL in found_out


def _serving(panel: Panel, day: float) -> Serving:
    past = panel.before(day)
    made = train_churn(past, DEFINITION, rng=np.random.default_rng(1), resamples=RESAMPLES)
    if not isinstance(made, TrainedChurn):
        raise TypeError(str(made))
    exam = outcome(past, DEFINITION, cut_off=made.plan.test)
    table = behaviour(past, cut_off=exam.cut_off, customers=exam.customers)
    return Serving(made, reference_of(made.model, table))


def _days(learned: float, last: float) -> Iterator[float]:
    return (learned + later for later in LOOKS if learned + later <= last)


def _truth(found: Watched) -> str:
    if found.matured is None:
        return "nothing known yet"
    happened, auc = found.matured.happened, found.matured.quality.auc
    return (
        f"expected {found.matured.said:.3f}, left {happened.value:.3f} [{happened.low:.3f},"
        f" {happened.high:.3f}], AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]"
    )


def _without_most(panel: Panel, last: float) -> Panel:
    late = panel.second >= (last - DEFINITION.horizon_days) * SECONDS_A_DAY
    # The last event stays, so that the data end when they did.
    late[np.argmax(panel.second)] = False
    return panel.take(~(late & (panel.kind == Kind.PURCHASE) & (panel.customer % 4 > 0)))
