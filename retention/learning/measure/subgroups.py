"""Whether an effect differs between groups, told so that nobody hunts for a lucky one."""

from collections.abc import Sequence

import numpy as np
from scipy.special import fdtrc

from retention.learning.panel import BoolArray, FloatArray, IntArray


def pooled(label: IntArray, treated: BoolArray, *, fewest: int) -> IntArray:
    """Groups of at least `fewest` customers in either arm; all others are one group, -1.

    label, treated : (n,). Where those others are too few themselves, the smallest group joins
    them, until they are not: nothing about a few people is left over when the rest is subtracted.
    """
    out = label.copy()
    while True:
        names, place = np.unique(out, return_inverse=True)
        arms = np.stack(
            [np.bincount(place[arm], minlength=len(names)) for arm in (treated, ~treated)]
        )
        least = arms.min(axis=0)
        small = (least < fewest) & (names != -1)
        if small.any():
            out[np.isin(out, names[small])] = -1
        elif names[0] == -1 and len(names) > 1 and least[0] < fewest:
            out[out == names[1:][np.argmin(least[1:])]] = -1
        else:
            return out


def differs(kept: IntArray, n: IntArray) -> float:
    """The chance that shares differ so much between groups though every group has one effect.

    kept, n : (2, m) customers kept and all, treated and control, of m groups; every n at least 1.
    Cochran's Q (1954) of the differences of shares, held against Welch's (1951) F since variances
    are estimated, with the degrees of freedom of each group's smaller arm; variances of shares
    moved by one success and one failure, so that a group in which nobody or everybody came does
    not outweigh all others. 1 for fewer than two groups.
    """
    groups = kept.shape[1]
    if groups < 2:
        return 1.0
    effect = kept[0] / n[0] - kept[1] / n[1]
    calm = (kept + 1) / (n + 2)
    weight = 1 / (calm * (1 - calm) / n).sum(axis=0)
    part = weight / weight.sum()
    q = weight @ (effect - part @ effect) ** 2
    unsure = float(((1 - part) ** 2 / np.maximum(n.min(axis=0) - 1, 1)).sum())
    f = q / (groups - 1) / (1 + 2 * (groups - 2) / (groups**2 - 1) * unsure)
    return float(fdtrc(groups - 1, (groups**2 - 1) / (3 * unsure), f))


def holm(p: Sequence[float]) -> FloatArray:
    """p-values adjusted for their number, (m,): Holm (1979). Below 0.05 holds for all together."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    steps = (len(values) - np.arange(len(values))) * values[order]
    out = np.empty(len(values))
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(values) else steps
    return out
