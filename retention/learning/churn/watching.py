"""Whether a serving churn model still sees the customers it learned from, and still tells true."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.random import Generator

from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import audience, latest_matured, outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.features import FeatureSpec, FeatureTable
from retention.learning.measure.classification import Quality, assess
from retention.learning.measure.intervals import Estimate, wilson
from retention.learning.measure.stability import Reference, Stability
from retention.learning.panel import FloatArray, Panel

LEVEL_OFF: Final = 0.05
"""So far beyond the interval of what happened a predicted share misleads whoever reads it."""


class Decay(StrEnum):
    """What has become of a model that should not be relied on as it was."""

    LEVEL = "LEVEL"
    RANKING = "RANKING"
    OTHER_CUSTOMERS = "OTHER_CUSTOMERS"


@dataclass(frozen=True)
class Moved:
    """How far one feature has moved, and what that does.

    push : log-odds it adds to the mean prediction, against the customers learned from last.
    before, now : the median of its known values.
    """

    spec: FeatureSpec
    stability: Stability
    push: float
    before: float
    now: float
    missing_before: float
    missing_now: float


@dataclass(frozen=True)
class Matured:
    """What the model said of the audience of an earlier morning, and what became of it.

    said : mean prediction. happened : share lost, with Wilson's interval.
    """

    cut_off: float
    quality: Quality
    said: float
    happened: Estimate

    @property
    def miss(self) -> float:
        """How far the mean prediction lies beyond the interval of what happened; 0 within."""
        return max(self.happened.low - self.said, self.said - self.happened.high, 0.0)


@dataclass(frozen=True)
class Watched:
    """One look at a model.

    customers : of the audience. said : mean prediction for them.
    scores : how far the predictions moved; None for a model stored without its reference.
    features : the one that pushes the predictions most first; empty for such a model.
    matured : None where nothing was predicted long enough ago on days it did not learn from.
    """

    customers: int
    said: float
    scores: Stability | None
    features: tuple[Moved, ...]
    matured: Matured | None

    def decays(self, promised: Estimate) -> list[Decay]:
        """What is wrong, what is proved by outcomes first. promised : the AUC when it was examined.

        The ranking is worse where the two intervals do not meet: half the interval each, so that
        not every other night alarms.
        """
        found = []
        if self.matured and self.matured.miss > LEVEL_OFF:
            found.append(Decay.LEVEL)
        if self.matured and self.matured.quality.auc.high < promised.low:
            found.append(Decay.RANKING)
        if self.scores and self.scores.moved_much:
            found.append(Decay.OTHER_CUSTOMERS)
        return found


def reference_of(model: ChurnModel, table: FeatureTable) -> Reference:
    """Where the model's features, and last its predictions, lie for these customers: those of its
    exam, of whom its quality is known. The windows it learned from lie up to a year before."""
    return Reference.of(_columns(model, table))


def watch(
    model: ChurnModel,
    reference: Reference | None,
    panel: Panel,
    *,
    cut_off: float,
    examined: float,
    rng: Generator,
    resamples: int = 300,
) -> Watched | None:
    """Hold the audience of today against that of the exam, and old predictions against what
    happened; None where there is no audience.

    cut_off : today. examined : the cut-off of the model's exam: later ones it has not learned from.
    Takes about as long as two scorings.
    """
    who = audience(panel, model.definition, cut_off=cut_off)
    if not len(who):
        return None
    table = behaviour(panel, cut_off=cut_off, customers=who).only(model.features)
    columns = _columns(model, table)
    found = reference.against(columns) if reference else []
    return Watched(
        customers=len(who),
        said=float(columns[:, -1].mean()),
        scores=found[-1] if found else None,
        features=_moved(model, table, reference, found) if reference else (),
        matured=_matured(model, panel, examined=examined, rng=rng, resamples=resamples),
    )


def _columns(model: ChurnModel, table: FeatureTable) -> FloatArray:
    return np.column_stack([table.only(model.features).values, model.probability(table)])


def _moved(
    model: ChurnModel, table: FeatureTable, reference: Reference, found: list[Stability]
) -> tuple[Moved, ...]:
    columns = zip(
        table.specs,
        found[:-1],
        model.contributions(table).mean(axis=0).tolist(),
        reference.median.tolist(),
        table.values.T,
        reference.missing.tolist(),
        strict=False,
    )
    told = [
        Moved(
            spec=spec,
            stability=stability,
            push=push,
            before=before,
            now=_median(column),
            missing_before=unknown,
            missing_now=float(np.isnan(column).mean()),
        )
        for spec, stability, push, before, column, unknown in columns
    ]
    return tuple(sorted(told, key=lambda one: -abs(one.push)))


def _median(column: FloatArray) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else float("nan")


def _matured(
    model: ChurnModel, panel: Panel, *, examined: float, rng: Generator, resamples: int
) -> Matured | None:
    """Predictions of the latest morning whose outcome is known, made from what was known then."""
    cut_off = latest_matured(panel, model.definition)
    if cut_off < examined:
        return None
    seen = outcome(panel, model.definition, cut_off=cut_off)
    if not len(seen.lost):
        return None
    said = model.probability(behaviour(panel, cut_off=cut_off, customers=seen.customers))
    return Matured(
        cut_off=cut_off,
        quality=assess(seen.lost, said, rng=rng, resamples=resamples),
        said=float(said.mean()),
        happened=wilson(int(seen.lost.sum()), len(seen.lost)),
    )
