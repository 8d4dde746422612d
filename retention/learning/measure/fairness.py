"""Whether a group is chosen as often as everybody else."""

from math import exp, log, sqrt
from typing import Final

from retention.learning.measure.intervals import Estimate, z_of

LEAST: Final = 0.8
"""The four fifths rule: a group chosen less often than this share of the others' rate."""


def selection_ratio(chosen: int, n: int, others: int, others_n: int) -> Estimate:
    """How often a group is chosen, as a share of how often everybody else is, with its 95 %
    interval by logarithms (Katz, Baptista, Azen and Pike 1978), half a customer added where
    a count is nought. n and others_n are at least 1.
    """
    if not (0 <= chosen <= n and 0 <= others <= others_n and n and others_n):
        raise ValueError(f"{chosen} of {n} and {others} of {others_n} are no counts to compare.")
    calm = 0.5 if not chosen or not others else 0.0
    ours, theirs = (chosen + calm) / (n + calm), (others + calm) / (others_n + calm)
    value = ours / theirs
    half = z_of(0.95) * sqrt((1 - ours) / (chosen + calm) + (1 - theirs) / (others + calm))
    return Estimate(value, exp(log(value) - half), exp(log(value) + half))


def is_unfair(ratio: Estimate) -> bool:
    """Below four fifths, and chosen less often beyond chance."""
    return ratio.value < LEAST and ratio.high < 1
