"""From events to a churn model that was measured on days it had not seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.special import expit

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
# No log-odds are further from a base rate than this.
_FAR = 60.0


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
    """Learn on several cut-offs, how smoothly on a later one; measure on the latest.

    plan : the cut-offs; the latest possible ones when None.
    groups : labels of every customer row, by kind of group, to measure quality by.
    base_rates of the result are those of training, choice and test.
    Raises OneClass where the outcomes of training do not differ.
    """
    minimum = minimum or Minimum()
    tell = progress or _nobody
    planned = plan or plan_cut_offs(panel, definition, minimum=minimum)
    if isinstance(planned, DataShortage):
        return planned
    days = (*planned.train, planned.choose, planned.test)
    *train, choose, test = (outcome(panel, definition, cut_off=day) for day in days)
    shortage = check_enough(train, choose, test, minimum)
    if shortage:
        return shortage
    steps = len(train) + 3
    x = _look_back(panel, train, lambda done, said: tell(done, steps, said))
    lost = np.concatenate([seen.lost for seen in train])
    tell(len(train), steps, "learning")
    later = behaviour(panel, cut_off=choose.cut_off, customers=choose.customers)
    model, smoothing = fit_churn(x, lost, later, choose.lost, definition=definition, rng=rng)
    tell(len(train) + 2, steps, "measuring on the latest cut-off")
    quality = evaluate(model, panel, test, rng=rng, groups=groups, resamples=resamples)
    tell(steps, steps, "done")
    rates = (float(lost.mean()), choose.base_rate, test.base_rate)
    return TrainedChurn(model, quality, planned, smoothing, len(x) + len(later.values), rates)


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
    """A model of all these rows, as smooth as predicted the later window best, and how smooth.

    x, lost : rows of all training cut-offs. later, later_lost : a window after all of them.
    No slope and shift are fitted on that one window: its season would become everyone's level,
    where all windows together are as true as their mean (docs/benchmarks.md).
    """
    tried = []
    for smoothing in SMOOTHINGS:
        trial = AdditiveLogit(smoothing=smoothing, max_rows=_TRIAL_ROWS).fit(x, lost, rng=rng)
        tried.append((_loss(trial, later, later_lost), smoothing))
    _, smoothing = min(tried)
    rows = np.vstack([x, later.values]), np.concatenate([lost, later_lost])
    additive = AdditiveLogit(smoothing=smoothing).fit(*rows, rng=rng)
    model = ChurnModel(
        definition=definition,
        features=later.names,
        additive=additive,
        audience=Audience.of(additive, later.values),
    )
    return model, smoothing


def _loss(additive: AdditiveLogit, later: FeatureTable, lost: BoolArray) -> float:
    """Log loss at the level of that window: how smooth is to be chosen, not how many leave."""
    from scipy.optimize import brentq

    odds = additive.log_odds(later.values)
    # One lost and one kept are added, so that there is a level where everyone was lost.
    gone = len(lost) * (lost.sum() + 1) / (len(lost) + 2)
    shift = brentq(lambda by: expit(odds + by).sum() - gone, -_FAR, _FAR)
    return log_loss(Ranked(lost, expit(odds + shift)), np.ones(len(lost)))


def _nobody(done: int, total: int, message: str) -> None:
    """Progress that nobody watches."""
