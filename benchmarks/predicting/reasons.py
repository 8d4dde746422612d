"""PRED-3: reasons are exact Shapley values, and cheap."""

import time
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting.windows import Task, rows
from retention.learning.churn.labels import ChurnDefinition
from retention.learning.churn.model import Audience, ChurnModel
from retention.learning.churn.reasons import speakers
from retention.learning.churn.training import fit_churn
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray, IntArray

FEW: Final = 8
"""Features of the small case: 256 coalitions."""
MANY: Final = 100_000
LEAST: Final = 0.05
"""Log-odds; fainter is not told."""


def run(bars: Bars, task: Task, definition: ChurnDefinition) -> None:
    """A small case by brute force; then 100,000 customers explained by the served model."""
    names = task.test.table.names
    small = _learned(task, definition, names[:FEW])
    crowd, asked = (task.test.table.only(names[:FEW]).take(rows) for rows in _two_groups())
    small = replace(small, audience=Audience.of(small.additive, crowd.values))
    off = np.abs(small.contributions(asked) - _by_brute_force(small, asked, crowd)).max()
    bars.say(f"\nReasons: {FEW} features by brute force, at most {off:.1e} apart")
    bars.at_most("PRED-3-off-brute-force-in-billionths", float(off) * 1e9, 1.0)
    model = _learned(task, definition, names)
    table = task.test.table.take(np.resize(np.arange(len(task.test.lost)), MANY))
    began = time.process_time()
    told = model.reasons(table, k=6)
    seconds = time.process_time() - began
    left = np.abs(model.base + model.contributions(table).sum(axis=1) - model.log_odds(table))
    bars.say(
        f"  {len(told):,} customers explained in words in {seconds:.1f} s of processor time; "
        f"sums at most {left.max():.1e} apart from the score"
    )
    bars.at_most("PRED-3-seconds-for-100,000", seconds, 10.0)
    bars.at_most("PRED-3-sum-off-in-billionths", float(left.max()) * 1e9, 1.0)


def told(bars: Bars, task: Task, model: ChurnModel) -> None:
    """Who tells the reasons of a shop, and how often the strongest fact would have misled."""
    table, typical = task.test.table, model.audience.typical
    added = model.contributions(table)
    spoken = speakers(table, added, typical=typical)
    first = np.argmax(np.abs(spoken.effects), axis=1)
    may = spoken.by_own | spoken.by_typical | spoken.bare
    rows, columns = np.nonzero(np.abs(spoken.effects) > LEAST)
    themes = np.array([spec.theme for spec in table.specs])
    misled = np.zeros(len(added), dtype=bool)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        side = np.sign(spoken.effects[row, column])
        own = np.where(themes == themes[column], side * added[row], -np.inf)
        misled[row] |= not may[row, np.argmax(own)]
    bars.say(
        f"  the first reason is told by the days since the last order for {(first == 0).mean():.0%}"
        f" of the customers; {(~may[rows, columns]).mean():.1%} of the reasons by all facts"
        f" together; the strongest fact of a theme would mislead for {misled.mean():.0%}"
    )


def _learned(task: Task, definition: ChurnDefinition, names: tuple[str, ...]) -> ChurnModel:
    columns = [task.test.table.names.index(name) for name in names]
    x, lost = rows(task.train)
    model, _ = fit_churn(
        x[:, columns],
        lost,
        task.choose.table.only(names),
        task.choose.lost,
        definition=definition,
        rng=np.random.default_rng(1),
    )
    return model


def _two_groups() -> tuple[IntArray, IntArray]:
    """Rows of who reasons are told against, and of who is explained."""
    return np.arange(30), np.arange(30, 36)


def _by_brute_force(model: ChurnModel, asked: FeatureTable, crowd: FeatureTable) -> FloatArray:
    """Shapley's (1953) sum over all coalitions; who is not in one takes the crowd's values."""
    n, m = asked.values.shape
    worth = {}
    for size in range(m + 1):
        for known in combinations(range(m), size):
            mixed = np.repeat(crowd.values[None], n, axis=0)
            mixed[:, :, known] = asked.values[:, None, known]
            table = FeatureTable(
                mixed.reshape(-1, m), np.zeros(n * len(crowd.values), np.int64), asked.specs
            )
            worth[known] = model.log_odds(table).reshape(n, -1).mean(axis=1)
    found = np.zeros((n, m))
    for known, value in worth.items():
        for j in set(range(m)) - set(known):
            share = factorial(len(known)) * factorial(m - len(known) - 1) / factorial(m)
            found[:, j] += share * (worth[tuple(sorted((*known, j)))] - value)
    return found
