"""ACT-4, by group and for the whole programme: false alarms and coverage without a last day."""

from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from retention.learning.measure.looking import level_of_month, level_whenever
from retention.learning.measure.stratified import Difference
from retention.learning.measure.subgroups import differs
from retention.learning.panel import BoolArray, FloatArray

CLAIMED: Final = 0.95
MONTHS, PEOPLE, HELD_OUT = 36, 1_000, 0.1
GROUPS = np.array([[60, 120, 400, 90], [30, 60, 200, 45]])
"""Customers with a coupon and without, in four groups of a campaign."""
HABITS: Final = {
    "habits that last": 1.0,
    "a new habit every month": 0.0,
    "who bought waits": -0.4,
}
"""How a month's spending hangs on a customer's own: all of it, none, or less after much."""


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Programmes that do nothing or something, followed month by month; groups with one effect."""
    rng = np.random.default_rng(5)
    many = 200 if quick else 2_000
    error = 2 * np.sqrt(CLAIMED * (1 - CLAIMED) / many)
    bars.say(
        f"\n{many:,} programmes of {PEOPLE:,} customers, {HELD_OUT:.0%} of them held out, looked at"
        f" at the end of each of {MONTHS} months"
    )
    worst, least = 0.0, 1.0
    for words, habit in HABITS.items():
        nothing = np.array([_looked(rng, habit, 1.0) for _ in range(many)])
        something = np.array([_looked(rng, habit, 1.2) for _ in range(many)])
        alarms, plain, kept = nothing.mean(axis=0).tolist()
        bars.say(
            f"  {words:24} doing nothing, seem to do something: {alarms:.1%} in money, {kept:.1%}"
            f" in customers kept (single looks' intervals: {plain:.1%}); doing something, true"
            f" in all months: {1 - something[:, 0].mean():.1%}"
        )
        worst, least = max(worst, alarms, kept), min(least, 1 - something[:, 0].mean())
    bars.at_most("ACT-4 false alarms of a programme without end", worst, 1 - CLAIMED + error)
    bars.at_least("ACT-4 coverage of a programme in all months", least, CLAIMED - error)
    _groups(bars, 10 * many, rng)


def _looked(rng: np.random.Generator, habit: float, rise: float) -> tuple[bool, bool, bool]:
    """Whether the truth lies outside in some month: of our intervals, of plain ones, of kept's."""
    held = np.arange(PEOPLE) < HELD_OUT * PEOPLE
    lasting = rng.gamma(0.8, 1.0, (PEOPLE, 1))
    fresh = rng.gamma(0.8, 1.0, (PEOPLE, MONTHS))
    rate = lasting * np.ones(MONTHS) if habit > 0 else fresh
    orders = rng.poisson(rate * np.where(held, 1.0, rise)[:, None])
    truth = 0.8 * 30 * (rise - 1) * np.arange(1, MONTHS + 1)
    if habit < 0:
        # Part of what was bought is only bought sooner, and missing in the month after.
        sooner = rng.binomial(orders, -habit)
        orders = orders + sooner - np.pad(sooner, ((0, 0), (1, 0)))[:, :-1]
        truth = truth + 0.8 * 30 * (rise - 1) * -habit
    spent = _compared((30.0 * orders).cumsum(axis=1), held)
    came = _compared((orders > 0).astype(np.float64), held)
    first, off, plain, kept = spent[0].variance, False, False, False
    for k, (money, share) in enumerate(zip(spent, came, strict=True)):
        grown = max(money.variance / first, 1.0)
        off |= _misses(money, truth[k], level_whenever(grown))
        plain |= _misses(money, truth[k], CLAIMED)
        kept |= rise == 1 and _misses(share, 0.0, level_of_month(k + 1))
    return off, plain, kept


def _misses(found: Difference, truth: float, level: float) -> bool:
    interval = found.interval(level)
    return not interval.low <= truth <= interval.high


def _compared(values: FloatArray, held: BoolArray) -> list[Difference]:
    """Of each month, as the product's own arithmetic has it for one stratum."""
    arms = [values[~held], values[held]]
    means = [arm.mean(axis=0) for arm in arms]
    pieces = np.stack([arm.var(axis=0, ddof=1) / len(arm) for arm in arms])
    freedom = pieces.sum(axis=0) ** 2 / sum(
        piece**2 / (len(arm) - 1) for piece, arm in zip(pieces, arms, strict=True)
    )
    columns = (means[0], means[1], pieces[0], pieces.sum(axis=0), freedom)
    return [Difference(*row) for row in np.column_stack(columns).tolist()]


def _groups(bars: Bars, many: int, rng: np.random.Generator) -> None:
    """Campaigns that work alike in four groups which come by themselves more or less often."""
    worst = 0.0
    bars.say(f"\n{many:,} campaigns with one effect in {GROUPS.shape[1]} groups")
    for base in (0.05, 0.3, 0.5):
        share = np.stack([base + 0.1 * np.arange(4) + rise for rise in (0.05, 0.0)])
        alarms = np.mean([differs(rng.binomial(GROUPS, share), GROUPS) < 0.05 for _ in range(many)])
        bars.say(f"  {base:.0%} and more come anyway: groups seem to differ in {alarms:.1%}")
        worst = max(worst, float(alarms))
    error = 2 * np.sqrt(CLAIMED * (1 - CLAIMED) / many)
    bars.at_most("ACT-4 groups that seem to differ", worst, 1 - CLAIMED + error)
