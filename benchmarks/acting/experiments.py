"""ACT-4: false alarms and coverage of a campaign's intervals, and what CUPED takes out."""

from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting.data import day, panel_of
from retention.learning.measure.adjusting import Adjusted, adjusted, winsorised
from retention.learning.measure.intervals import Sample, mean_difference, z_of
from retention.learning.measure.looking import LAST_LOOK, known_so_far, level_of_look
from retention.learning.orders import orders_of
from retention.learning.panel import SECONDS_A_DAY, FloatArray

DAYS, PEOPLE = 30, 500
CLAIMED: Final = 0.95
SHOPS: Final = {
    "as many every day": np.full(DAYS, 0.02),
    "most at once": np.linspace(0.05, 0.002, DAYS),
    "hardly anybody": np.full(DAYS, 0.001),
}
CUT_OFF, MEASURED = day("2017-09-01"), 60


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Simulated campaigns looked at every day, and placebo campaigns among real households."""
    rng = np.random.default_rng(4)
    many = 500 if quick else 4_000
    error = 2 * np.sqrt(CLAIMED * (1 - CLAIMED) / many)
    bars.say(f"\n{many:,} campaigns of 2 x {PEOPLE} customers, looked at on each of {DAYS} days")
    worst, least = 0.0, 1.0
    for words, hazard in SHOPS.items():
        missed, plain = _missed(hazard, hazard, many, rng)
        moved, _ = _missed(hazard, np.minimum(1.3 * hazard, 1), many, rng)
        bars.say(
            f"  {words:18} doing nothing, seem to do something: {missed:.1%} (a single look's"
            f" interval: {plain:.1%}); doing something, true on all days: {1 - moved:.1%}"
        )
        worst, least = max(worst, missed), min(least, 1 - moved)
    bars.at_most("ACT-4 false alarms under a daily look", worst, 1 - CLAIMED + error)
    bars.at_least("ACT-4 coverage on all days together", least, CLAIMED - error)
    _placebos(bars, folder, 200 if quick else 2_000, rng)


def _missed(
    control: FloatArray, treated: FloatArray, many: int, rng: np.random.Generator
) -> tuple[float, float]:
    """How often the true difference lies outside on some day: of a look's intervals, of plain."""
    truths = [(1 - np.cumprod(1 - rate)).astype(np.float64) for rate in (treated, control)]
    kept = np.stack([_kept(truth, many, rng) for truth in truths])  # (2, many, DAYS)
    error = np.sqrt((kept * (1 - kept)).sum(axis=0) / PEOPLE)
    off = np.abs(kept[0] - kept[1] - (truths[0] - truths[1]))
    pooled = kept.mean(axis=0)
    bounds = np.array(
        [
            [
                z_of(level_of_look(known_so_far(share, elapsed=(at + 1) / DAYS)))
                for at, share in enumerate(shares)
            ]
            for shares in pooled.tolist()
        ]
    )
    out = off > bounds * np.maximum(error, 1 / PEOPLE)
    plain = off > z_of(CLAIMED) * np.maximum(error, 1 / PEOPLE)
    return float(out.any(axis=1).mean()), float(plain.any(axis=1).mean())


def _kept(truth: FloatArray, many: int, rng: np.random.Generator) -> FloatArray:
    """(many, DAYS) share of customers who ordered by each day."""
    first = np.searchsorted(truth, rng.random((many, PEOPLE)))
    return np.stack([(first <= at).mean(axis=1) for at in range(DAYS)], axis=1)


def _placebos(bars: Bars, folder: Path, many: int, rng: np.random.Generator) -> None:
    """Complete Journey's households drawn into two arms that get the same: nothing."""
    panel = panel_of("complete-journey", folder)
    orders, n = orders_of(panel), panel.n_customers
    at = orders.second / SECONDS_A_DAY

    def sums(start: float, end: float) -> tuple[FloatArray, FloatArray]:
        inside = (at >= start) & (at < end)
        who = orders.customer[inside]
        paid = np.bincount(who, orders.amount[inside], n).astype(np.float64)
        return np.bincount(who, minlength=n).astype(np.float64), paid

    ordered, paid = sums(CUT_OFF, CUT_OFF + MEASURED)
    ordered_before, paid_before = sums(CUT_OFF - MEASURED, CUT_OFF)
    before = np.column_stack(
        [ordered_before, winsorised(paid_before).values, np.log1p(paid_before)]
    )
    bars.say(
        f"\n{many:,} placebo campaigns, {n:,} households of Complete Journey (disputed origin)"
    )
    for words, outcome in (("orders", ordered), ("revenue", winsorised(paid).values)):
        alarms, reductions = 0, []
        for _ in range(many):
            treated = rng.random(n) < 0.5
            calm: Adjusted = adjusted(outcome, treated, before)
            arms = (Sample.of(calm.values[treated]), Sample.of(calm.values[~treated]))
            found = mean_difference(*arms, level=LAST_LOOK)
            alarms += found.above_zero or found.below_zero
            reductions.append(calm.reduction)
        bars.say(
            f"  {words}: {alarms / many:.1%} seem to do something on the last day; known before:"
            f" {np.mean(reductions):.0%} of the variance"
        )
        # A single look at the level of the last of many: 4 (1 - Phi) / 2.
        allowed = (1 - LAST_LOOK) + 2 * np.sqrt(LAST_LOOK * (1 - LAST_LOOK) / many)
        bars.at_most(f"ACT-4 false alarms of placebos, {words}", alarms / many, allowed)
