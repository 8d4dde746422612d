"""A figure never stands without its interval."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.random import Generator

from retention.learning.panel import FloatArray

Statistic = Callable[[FloatArray], float]


@dataclass(frozen=True)
class Estimate:
    """A figure with the interval that covers the truth in `level` of repetitions."""

    value: float
    low: float
    high: float
    level: float = 0.95

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
    z, share = z_of(level), successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)), level)


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
