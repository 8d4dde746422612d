"""PRED-1, no bar: whether the served model is as good for one age or income as for another."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from benchmarks.bars import Bars
from benchmarks.predicting.contest import again, estimate, level
from benchmarks.predicting.windows import Window
from benchmarks.recommending.data import rows
from retention.learning.measure.classification import Ranked, auc
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import BoolArray, FloatArray

KINDS: Final = ("age", "income")
FEWEST: Final = 30
"""Households below which a group says nothing."""
UNKNOWN: Final = "not known"
RESAMPLES: Final = 400


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
    bars.say(f"\n  Groups {'households':>15} {'lost':>6}  {'AUC':>23}   {'expected less lost':>23}")
    for kind in KINDS:
        labels = [known[who][kind] if who in known else UNKNOWN for who in people]
        for label, many in sorted(Counter(labels).items()):
            here = np.array(labels) == label
            if many >= FEWEST:
                bars.say(f"  {kind:6} {label:10} {many:5,}  {_told(here, tests, said, rng)}")


def _told(
    here: BoolArray, tests: Sequence[Window], said: Sequence[FloatArray], rng: Generator
) -> str:
    """AUC and level over the tests together: at one of them a small group may have lost nobody."""
    some = [here[window.customers] for window in tests]
    who = np.concatenate([one.customers[kept] for one, kept in zip(tests, some, strict=True)])
    lost = np.concatenate([one.lost[kept] for one, kept in zip(tests, some, strict=True)])
    ranked = Ranked(lost, np.concatenate([p[kept] for p, kept in zip(said, some, strict=True)]))
    members, row = np.unique(who, return_inverse=True)
    draws = [again(len(members), rng)[row] for _ in range(RESAMPLES)]
    one_each = np.ones(len(who))
    return f"{lost.sum():5,}  " + "   ".join(
        _spelt(estimate(metric(ranked, one_each), np.array([metric(ranked, w) for w in draws])))
        for metric in (auc, level)
    )


def _spelt(one: Estimate) -> str:
    if np.isnan(one.low):
        return f"{'too few lost':>23}"
    return f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
