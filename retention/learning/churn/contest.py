"""Classifiers on the same customers of days that none has seen: does one beat the served one?"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from scipy.special import expit

from retention.learning.churn.classifiers import AdditiveLogit, Classifier
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import ChurnDefinition, CutOffPlan, Outcome, horizons, outcome
from retention.learning.churn.rivals import RIVALS, Stack
from retention.learning.measure.classification import Quality, assess, compare
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import BoolArray, FloatArray, IntArray, Panel
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying, buying
from retention.learning.value.likelihood import NothingToLearn

MOST_ROWS: Final = 40_000
"""So many rows are learned from, drawn evenly: the neural network and the trees take a minute."""
SERVED, STACK, ALIVE = "additive", "stack", "alive"
STACKED: Final = ("boosting", "network")
LEVEL: Final = 0.95
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Sat:
    """One classifier's exam.

    gap : its log loss minus the served kind's, on the same customers; below zero is better. Its
    level is so high that, of all rivals together, chance puts one ahead in one of twenty exams.
    seconds : learning and asking.
    """

    name: str
    quality: Quality
    gap: Estimate | None
    seconds: float


@dataclass(frozen=True)
class Window:
    """What was known at a cut-off, and the customers asked about there.

    x (n, m), lost (n,) : to learn from. asked (k, m), happened (k,) : the customers. everyone,
    buying : the orders of all who had ordered, and of those asked about. waited (k,) : the days
    after which these are lost.
    """

    x: FloatArray
    lost: BoolArray
    asked: FloatArray
    happened: BoolArray
    everyone: Buying
    buying: Buying
    waited: IntArray


def contest(
    panel: Panel,
    definition: ChurnDefinition,
    plan: CutOffPlan,
    *,
    smoothing: float,
    rng: Generator,
    progress: Progress,
) -> list[Sat]:
    """Every classifier on the latest window whose outcome is known, the best log loss first.

    Each learns from all the cut-offs before. On the window before it the served kind chose how
    smooth to be: asked about that one too, it would have been helped.
    """
    window = _window(panel, definition, (*plan.train, plan.choose), plan.test, rng)
    happened = window.happened
    sitting = _sitting(smoothing)
    said, took = {}, {}
    for done, (name, answer) in enumerate(sitting.items()):
        progress(done, len(sitting) + 1, f"Asking {name}")
        began = time.monotonic()
        one = answer(window, rng)
        if one is not None:
            said[name], took[name] = one, time.monotonic() - began
    progress(len(sitting), len(sitting) + 1, "Comparing")
    level = 1 - (1 - LEVEL) / (len(said) - 1)

    def gap(name: str) -> Estimate | None:
        if name == SERVED:
            return None
        ours, theirs = said[name], said[SERVED]
        return compare(happened, ours, theirs, metric="log_loss", rng=rng, level=level)

    sat = [Sat(name, assess(happened, said[name], rng=rng), gap(name), took[name]) for name in said]
    return sorted(sat, key=lambda one: one.quality.log_loss.value)


Answer = Callable[[Window, Generator], FloatArray | None]


def _sitting(smoothing: float) -> dict[str, Answer]:
    """Everyone who sits the exam, the served kind first."""

    def served() -> Classifier:
        return AdditiveLogit(smoothing=smoothing)

    def stacked() -> Classifier:
        return Stack(served(), *(RIVALS[name]() for name in STACKED))

    classifiers = {SERVED: served, **RIVALS, STACK: stacked}
    return {name: _learned(make) for name, make in classifiers.items()} | {ALIVE: _alive}


def _learned(make: Callable[[], Classifier]) -> Answer:
    def answer(window: Window, rng: Generator) -> FloatArray:
        learned = make().fit(window.x, window.lost, rng=rng)
        said: FloatArray = expit(learned.log_odds(window.asked))
        return said

    return answer


def _alive(window: Window, rng: Generator) -> FloatArray | None:
    """BG/NBD: no order day in the horizon, by when and how often customers ordered alone."""
    try:
        model = BgNbd.fit(window.everyone)
    except NothingToLearn:
        return None
    again = model.at_least(window.buying, days=window.waited.astype(np.float64), most=1)[:, 0]
    said: FloatArray = np.clip(1 - model.alive(window.buying) * again, 0, 1)
    return said


def _window(
    panel: Panel,
    definition: ChurnDefinition,
    known: tuple[float, ...],
    cut_off: float,
    rng: Generator,
) -> Window:
    seen = [outcome(panel, definition, cut_off=day) for day in known]
    x = np.vstack([_features(panel, one) for one in seen])
    lost = np.concatenate([one.lost for one in seen])
    if len(x) > MOST_ROWS:
        rows = np.sort(rng.choice(len(x), MOST_ROWS, replace=False))
        x, lost = x[rows], lost[rows]
    test = outcome(panel, definition, cut_off=cut_off)
    orders = buying(panel, cut_off=cut_off)
    return Window(
        x=x,
        lost=lost,
        asked=_features(panel, test),
        happened=test.lost,
        everyone=orders.take(np.flatnonzero(orders.order_days > 0)),
        buying=orders.take(test.customers),
        waited=horizons(panel, definition, cut_off=cut_off, customers=test.customers),
    )


def _features(panel: Panel, seen: Outcome) -> FloatArray:
    return behaviour(panel, cut_off=seen.cut_off, customers=seen.customers).values
