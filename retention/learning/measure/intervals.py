"""A figure never stands without its interval."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.random import Generator
from scipy.special import stdtrit

from retention.learning.panel import FloatArray, IntArray

Statistic = Callable[[FloatArray], float]


@dataclass(frozen=True)
class Estimate:
    """A figure with the interval that covers the truth in `level` of repetitions."""

    value: float
    low: float
    high: float
    level: float = 0.95

    def as_json(self) -> dict[str, float]:
        """As a model's figures are stored."""
        return {"value": self.value, "low": self.low, "high": self.high}

    @property
    def above_zero(self) -> bool:
        """The whole interval lies above zero."""
        return self.low > 0

    @property
    def below_zero(self) -> bool:
        """The whole interval lies below zero."""
        return self.high < 0


def z_of(level: float) -> float:
    """The two-sided standard normal bound of a level: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, got {level}.")
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """A share with Wilson's score interval (Wilson 1927); nothing observed gives 0 to 1."""
    if n == 0:
        return Estimate(float("nan"), 0.0, 1.0, level)
    if not 0 <= successes <= n:
        raise ValueError(f"Successes lie between 0 and {n}, got {successes}.")
    low, high = wilson_bounds(np.array([successes]), np.array([n]), level=level)
    return Estimate(successes / n, float(low[0]), float(high[0]), level)


def wilson_bounds(
    successes: IntArray, n: IntArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """The ends of Wilson's interval of many shares at once, (m,) each; every n at least 1."""
    z, share = z_of(level), successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


@dataclass(frozen=True)
class Sample:
    """What was measured on an arm: n customers, their mean and variance (n - 1)."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        """From one value a customer, nought for who bought nothing."""
        n = len(values)
        variance = float(np.var(values, ddof=1)) if n > 1 else float("nan")
        return cls(n, float(np.mean(values)) if n else float("nan"), variance)


def mean_estimate(values: FloatArray, *, level: float = 0.95) -> Estimate:
    """A mean with its normal interval, (n,) values; unbounded below two."""
    value = float(values.mean())
    half = z_of(level) * float(values.std(ddof=1)) / sqrt(len(values)) if len(values) > 1 else inf
    return Estimate(value, value - half, value + half, level)


def share_difference(
    successes: int, n: int, control_successes: int, control_n: int, level: float = 0.95
) -> Estimate:
    """Difference of two shares with Newcombe's (1998) hybrid score interval, his method 10."""
    ours = wilson(successes, n, level=level)
    theirs = wilson(control_successes, control_n, level=level)
    if n == 0 or control_n == 0:
        return Estimate(float("nan"), -1.0, 1.0, level)
    difference = ours.value - theirs.value
    down = sqrt((ours.value - ours.low) ** 2 + (theirs.high - theirs.value) ** 2)
    up = sqrt((ours.high - ours.value) ** 2 + (theirs.value - theirs.low) ** 2)
    return Estimate(difference, difference - down, difference + up, level)


def mean_difference(treated: Sample, control: Sample, *, level: float = 0.95) -> Estimate:
    """Difference of two means with Welch's (1947) interval; unbounded below two customers an arm.

    Money is skewed: the interval is fair from some hundreds of customers an arm on.
    """
    difference = treated.mean - control.mean
    if min(treated.n, control.n) < 2:
        return Estimate(difference, float("-inf"), float("inf"), level)
    a, b = treated.variance / treated.n, control.variance / control.n
    if a + b == 0:
        return Estimate(difference, difference, difference, level)
    freedom = (a + b) ** 2 / (a**2 / (treated.n - 1) + b**2 / (control.n - 1))
    half = float(stdtrit(freedom, 0.5 + level / 2)) * sqrt(a + b)
    return Estimate(difference, difference - half, difference + half, level)


def bootstrap(
    n: int,
    statistics: dict[str, Statistic],
    *,
    rng: Generator,
    resamples: int = 300,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Percentile intervals (Efron 1979) of statistics of weighted rows.

    statistics : each takes (n,) weights, how often a row was drawn, and gives a figure. All are
        computed on the same draws. A draw on which a figure is undefined (nan) is left out.
    """
    drawn = np.full((resamples, len(statistics)), np.nan)
    for r in range(resamples):
        weights = np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
        drawn[r] = [statistic(weights) for statistic in statistics.values()]
    whole = np.ones(n)
    return {
        name: _estimate(statistic(whole), drawn[:, s], level)
        for s, (name, statistic) in enumerate(statistics.items())
    }


def _estimate(value: float, drawn: FloatArray, level: float) -> Estimate:
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn) or np.isnan(value):
        return Estimate(float(value), float("nan"), float("nan"), level)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(value), float(low), float(high), level)
