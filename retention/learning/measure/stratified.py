"""A difference of means where customers were drawn with different probabilities."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from retention.learning.measure.intervals import Estimate, Sample
from retention.learning.panel import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Difference:
    """treated, control : means that differ by the effect, each over all strata. variance : of the
    effect; treated_variance : of the first mean alone. freedom : degrees of freedom of the
    effect's (Satterthwaite 1946)."""

    treated: float
    control: float
    treated_variance: float
    variance: float
    freedom: float

    @property
    def effect(self) -> float:
        return self.treated - self.control

    def interval(self, level: float) -> Estimate:
        """The effect with its interval; unbounded where nothing is known of the variance."""
        if not np.isfinite(self.variance):
            return Estimate(self.effect, float("-inf"), float("inf"), level)
        half = float(stdtrit(self.freedom, 0.5 + level / 2)) * self.variance**0.5
        return Estimate(self.effect, self.effect - half, self.effect + half, level)


def stratified(
    values: FloatArray, treated: BoolArray, stratum: IntArray, *, of: IntArray | None = None
) -> Difference:
    """Differences within strata, each weighing what its customers are of all (post-stratified).

    values, treated, stratum : (n,). Within a stratum everyone was drawn with one probability, so
    that nothing but chance tells its arms apart; taken together they would be told apart by time.
    A stratum with fewer than two customers in an arm is left out.
    of : the strata of everyone whom the strata weigh for, where these are some arms of several:
        their own number would weigh a stratum more for an arm that was drawn more often in it.
    """
    everyone_in = stratum if of is None else of
    parts: list[tuple[float, Sample, Sample]] = []
    for one in np.unique(stratum):
        inside = stratum == one
        ours, theirs = Sample.of(values[inside & treated]), Sample.of(values[inside & ~treated])
        if min(ours.n, theirs.n) >= 2:
            parts.append((float((everyone_in == one).sum()), ours, theirs))
    if not parts:
        return Difference(float("nan"), float("nan"), float("inf"), float("inf"), 1.0)
    everyone = sum(n for n, _, _ in parts)
    pieces = [
        ((n / everyone) ** 2 * arm.variance / arm.n, arm.n - 1)
        for n, *arms in parts
        for arm in arms
    ]
    variance = sum(piece for piece, _ in pieces)
    spread = sum(piece**2 / free for piece, free in pieces)
    return Difference(
        treated=sum(n * ours.mean for n, ours, _ in parts) / everyone,
        control=sum(n * theirs.mean for n, _, theirs in parts) / everyone,
        treated_variance=sum(piece for piece, _ in pieces[::2]),
        variance=variance,
        freedom=variance**2 / spread if spread else 1.0,
    )


def even_weights(arm: IntArray, stratum: IntArray) -> FloatArray:
    """(n,) what each counts where arms had unlike shares of the strata, so that each arm is made up
    of them as everyone is: the inverse of the share that was drawn.

    An arm counts as many as would make its mean as exact (Kish 1965), hence fewer than it has. In a
    stratum that lacks an arm nobody counts.
    """
    arms, column = np.unique(arm, return_inverse=True)
    strata, row = np.unique(stratum, return_inverse=True)
    cell = row * len(arms) + column
    n = np.bincount(cell, minlength=len(arms) * len(strata)).reshape(len(strata), len(arms))
    whole = (n > 0).all(axis=1)
    if not whole.any():
        return np.zeros(len(arm))
    part = np.where(whole, n.sum(axis=1), 0) / n[whole].sum()
    weight = part[:, None] / np.maximum(n, 1)
    exact = 1 / (n * weight**2).sum(axis=0)
    counts: FloatArray = (weight * exact)[row, column]
    return counts
