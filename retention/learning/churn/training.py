"""From events to a churn model that was measured on days it had not seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from retention.learning.churn.calibration import fit_platt
from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import (
    ChurnDefinition,
    CutOffPlan,
    DataShortage,
    Minimum,
    Outcome,
    check_enough,
    outcome,
    plan_cut_offs,
)
from retention.learning.churn.model import Audience, ChurnModel
from retention.learning.churn.quality import ChurnQuality, Labels, evaluate
from retention.learning.features import FeatureTable
from retention.learning.measure.classification import Ranked, log_loss
from retention.learning.panel import BoolArray, FloatArray, Panel

Progress = Callable[[int, int, str], None]

SMOOTHINGS = (3.0, 15.0, 75.0)
# Enough rows to choose how smooth the curves are; the chosen one then learns from all.
_TRIAL_ROWS = 40_000


@dataclass(frozen=True)
class TrainedChurn:
    """A model, how it was made, and how good it is."""

    model: ChurnModel
    quality: ChurnQuality
    plan: CutOffPlan
    smoothing: float
    rows: int
    base_rates: tuple[float, float, float]


def train_churn(
    panel: Panel,
    definition: ChurnDefinition,
    *,
    rng: Generator,
    plan: CutOffPlan | None = None,
    minimum: Minimum | None = None,
    groups: Mapping[str, Labels] | None = None,
    resamples: int = 300,
    progress: Progress | None = None,
) -> TrainedChurn | DataShortage:
    """Learn on several cut-offs, calibrate on a later one, measure on the latest.

    plan : the cut-offs; the latest possible ones when None.
    groups : labels of every customer row, by kind of group, to measure quality by.
    base_rates of the result are those of training, calibration and test.
    Raises OneClass where the outcomes of training do not differ.
    """
    minimum = minimum or Minimum()
    tell = progress or _nobody
    planned = plan or plan_cut_offs(panel, definition, minimum=minimum)
    if isinstance(planned, DataShortage):
        return planned
    days = (*planned.train, planned.calibrate, planned.test)
    *train, calibrate, test = (outcome(panel, definition, cut_off=day) for day in days)
    shortage = check_enough(train, calibrate, test, minimum)
    if shortage:
        return shortage
    steps = len(train) + 3
    x = _look_back(panel, train, lambda done, said: tell(done, steps, said))
    lost = np.concatenate([seen.lost for seen in train])
    tell(len(train), steps, "learning and calibrating")
    later = behaviour(panel, cut_off=calibrate.cut_off, customers=calibrate.customers)
    model, smoothing = fit_churn(x, lost, later, calibrate.lost, definition=definition, rng=rng)
    tell(len(train) + 2, steps, "measuring on the latest cut-off")
    quality = evaluate(model, panel, test, rng=rng, groups=groups, resamples=resamples)
    tell(steps, steps, "done")
    rates = (float(lost.mean()), calibrate.base_rate, test.base_rate)
    return TrainedChurn(model, quality, planned, smoothing, len(x), rates)


def _look_back(panel: Panel, train: list[Outcome], tell: Callable[[int, str], None]) -> FloatArray:
    """Features of every training audience at its own cut-off, one below the other."""
    tables = []
    for done, seen in enumerate(train):
        tell(done, f"looking back from cut-off {done + 1} of {len(train)}")
        tables.append(behaviour(panel, cut_off=seen.cut_off, customers=seen.customers).values)
    return np.vstack(tables)


def fit_churn(
    x: FloatArray,
    lost: BoolArray,
    later: FeatureTable,
    later_lost: BoolArray,
    *,
    definition: ChurnDefinition,
    rng: Generator,
) -> tuple[ChurnModel, float]:
    """A calibrated model and the smoothing that predicted the later window best.

    x, lost : rows of all training cut-offs. later, later_lost : a window after all of them.
    """
    tried = []
    for smoothing in SMOOTHINGS:
        trial = AdditiveLogit(smoothing=smoothing, max_rows=_TRIAL_ROWS).fit(x, lost, rng=rng)
        tried.append((_loss(trial, later, later_lost), smoothing, trial))
    _, smoothing, additive = min(tried, key=lambda one: one[0])
    if len(x) > additive.max_rows:
        additive = AdditiveLogit(smoothing=smoothing).fit(x, lost, rng=rng)
    model = ChurnModel(
        definition=definition,
        features=later.names,
        additive=additive,
        platt=fit_platt(additive.log_odds(later.values), later_lost),
        audience=Audience.of(additive, later.values),
    )
    return model, smoothing


def _loss(additive: AdditiveLogit, later: FeatureTable, lost: BoolArray) -> float:
    raw = additive.log_odds(later.values)
    probability = fit_platt(raw, lost).probability(raw)
    return log_loss(Ranked(lost, probability), np.ones(len(lost)))


def _nobody(done: int, total: int, message: str) -> None:
    """Progress that nobody watches."""
