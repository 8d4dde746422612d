"""PRED-1, no bar: whether the served model is as good for one age or income as for another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from benchmarks.bars import Bars
from benchmarks.predicting.contest import Contest
from benchmarks.predicting.windows import Window
from benchmarks.recommending.data import rows
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import BoolArray, FloatArray

KINDS: Final = ("age", "income")
FEWEST: Final = 30
"""Households below which a group says nothing."""
UNKNOWN: Final = "not known"
SAID: Final = "said"


def run(
    bars: Bars,
    folder: Path,
    *,
    people: Sequence[str],
    tests: Sequence[Window],
    said: Sequence[FloatArray],
    rng: Generator,
) -> None:
    """Figures of each group of Complete Journey over the tests, households drawn whole.

    people : the household of each row. said : (n,) probabilities of each test's customers.
    """
    known = {
        row["household_id"]: row for row in rows(folder, "completejourney_demographics.csv.gz")
    }
    bars.say(f"\n  Groups {'households':>14}  {'AUC':>23}  {'expected less lost':>25}")
    for kind in KINDS:
        labels = [known[who][kind] if who in known else UNKNOWN for who in people]
        for label, many in sorted(Counter(labels).items()):
            here = np.array(labels) == label
            if many >= FEWEST:
                bars.say(f"  {kind:6} {label:10} {many:5,}  {_told(here, tests, said, rng)}")


def _told(
    here: BoolArray, tests: Sequence[Window], said: Sequence[FloatArray], rng: Generator
) -> str:
    asked, answers = [], []
    for window, probability in zip(tests, said, strict=True):
        some = np.flatnonzero(here[window.customers])
        part = replace(
            window,
            table=window.table.take(some),
            said=window.said.take(some),
            lost=window.lost[some],
        )
        asked.append(part)
        answers.append({SAID: probability[some]})
    contest = Contest.of(asked, answers, len(here), rng)
    return "   ".join(_spelt(contest.figure(SAID, metric)) for metric in ("auc", "level"))


def _spelt(one: Estimate) -> str:
    return f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
