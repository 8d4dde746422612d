"""Which things the same customers take more, or less, than chance has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.measure.intervals import z_of
from retention.learning.panel import FloatArray

LEAST_EXPECTED: Final = 5.0


@dataclass(frozen=True)
class Affinity:
    """lift, low, high : (m, m) how many took both against how many would by chance, with the
    interval; nan on the diagonal and where chance expects nobody."""

    lift: FloatArray
    low: FloatArray
    high: FloatArray


def affinity(
    people: Sequence[int],
    took: Sequence[Sequence[int]],
    both: Sequence[Sequence[Sequence[int]]],
    *,
    level: float = 0.95,
) -> Affinity:
    """Of m things in s strata of customers that are alike, such as those who order as often.

    people : (s,) how many; took : (s, m) how many took each; both : (s, m, m) how many took two.
    Chance is that within a stratum whether somebody takes one says nothing of the other: without
    strata, customers who order much would take any two things together. The interval is of
    Mantel and Haenszel's (1959) test, so that it holds 1 exactly where that finds nothing, at a
    level divided by the number of pairs (Bonferroni): all of them hold together at `level`. Of
    a pair that chance alone would give to fewer than LEAST_EXPECTED customers nothing is said:
    there the normal distribution promises too much.
    """
    n = np.asarray(people, dtype=np.float64)[:, None, None]
    one = np.asarray(took, dtype=np.float64)
    shared = np.asarray(both, dtype=np.float64).sum(axis=0)
    pairs = len(shared) * (len(shared) - 1) / 2
    a, b, some = one[:, :, None], one[:, None, :], np.maximum(n, 1)
    expected = (a * b / some).sum(axis=0)
    variance = (a * (n - a) * b * (n - b) / (some**2 * np.maximum(n - 1, 1))).sum(axis=0)
    expected[np.eye(len(shared), dtype=bool) | (expected < LEAST_EXPECTED)] = np.nan
    spread = z_of(1 - (1 - level) / max(pairs, 1)) * np.sqrt(variance)
    lift = shared / expected
    return Affinity(lift, np.maximum(lift - spread / expected, 0), lift + spread / expected)
