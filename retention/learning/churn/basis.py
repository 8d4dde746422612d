"""Piecewise-linear curves over one feature each: where they bend, and their design matrix."""

from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import FloatArray, IntArray

# The outermost values of a feature say little and would stretch the curve: it ends inside them.
_TAILS = (0.002, 0.998)
# So many rows at once stay in the cache.
_ROWS = 4096


def choose_knots(values: FloatArray, *, most: int) -> FloatArray:
    """Where the curve of a feature may bend, ascending; nan values are left out.

    most : about how many; zero and a second side may add two.
    Every different value when they are few; else zero, where it occurs, and powers of a ratio
    on each side of it, because a day more matters on day 3 and not on day 300.
    """
    known = values[~np.isnan(values)]
    different = np.unique(known)
    if len(different) <= most:
        return different if len(different) else np.zeros(1)
    sides = [sign * known[sign * known > 0] for sign in (1, -1)]
    nonzero = sum(len(side) for side in sides)
    knots = [np.zeros(1)] if different[0] <= 0 <= different[-1] else []
    for sign, side in zip((1, -1), sides, strict=True):
        if len(side):
            many = max(2, round((most - 1) * len(side) / nonzero))
            low, high = np.quantile(side, _TAILS)
            knots.append(sign * np.geomspace(low, high, many))
    return _snapped(np.concatenate(knots), different)


def _snapped(knots: FloatArray, values: FloatArray) -> FloatArray:
    """Each knot moved up to a value that occurs, so that counts bend at whole numbers."""
    at = np.searchsorted(values, knots)
    return np.unique(values[np.minimum(at, len(values) - 1)])


@dataclass(frozen=True)
class Knots:
    """The knots of all features, flat.

    at : (total,) ascending within a feature. start : (m + 1,) feature j has start[j]:start[j + 1].
    """

    at: FloatArray
    start: IntArray

    @classmethod
    def of(cls, x: FloatArray, *, most: int) -> Self:
        """Chosen for each column of x, (n, m)."""
        chosen = [choose_knots(column, most=most) for column in x.T]
        sizes = [len(knots) for knots in chosen]
        return cls(np.concatenate(chosen), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.start) - 1

    def of_feature(self, j: int) -> slice:
        """Where feature j's knots lie in flat arrays."""
        return slice(int(self.start[j]), int(self.start[j + 1]))


class Hats:
    """Rows of hat functions, made dense a chunk at a time: at most two are not zero a feature.

    Column start[j] + j + k is feature j's k-th hat, the last one of a feature is "nan here".
    7 bytes a row and feature.
    """

    def __init__(self, x: FloatArray, knots: Knots) -> None:
        """x : (n, m), nan where a value does not exist."""
        self.knots = knots
        self.width = len(knots.at) + len(knots)
        self._left = np.empty(x.shape, dtype=np.int32)
        self._part = np.empty(x.shape, dtype=np.float32)
        for j in range(len(knots)):
            self._left[:, j], self._part[:, j] = self._place(x[:, j], j)

    def __len__(self) -> int:
        return len(self._left)

    def thinned(self, stride: int) -> "Hats":
        """Every stride-th row."""
        thin = copy(self)
        thin._left, thin._part = self._left[::stride], self._part[::stride]
        return thin

    def chunk(self, rows: slice, *, beside: int = 0, dtype: type = np.float64) -> NDArray[Any]:
        """The design matrix of some rows, (r, width + beside): so many columns of 0 beside it."""
        left = self._left[rows]
        part: NDArray[Any] = self._part[rows].astype(dtype)
        dense: NDArray[Any] = np.zeros((len(left), self.width + beside), dtype=dtype)
        r = np.arange(len(left))[:, None]
        dense[r, left] = 1 - part
        # Where the part is 0 the right neighbour may not exist; it then gets the 0 it has.
        right = np.where(part > 0, left + 1, left)
        dense[r, right] += part
        return dense

    def times(self, heights: FloatArray) -> FloatArray:
        """The design matrix times the heights of the hats, (width,): a value a row, (n,)."""
        out = np.empty(len(self))
        beside = np.append(heights[1:], 0.0)
        for rows in self._blocks():
            left, part = self._left[rows], self._part[rows].astype(np.float64)
            out[rows] = (heights[left] * (1 - part) + beside[left] * part).sum(axis=1)
        return out

    def turned(self, values: FloatArray) -> FloatArray:
        """The transposed design matrix times a value a row, (n,): one sum a hat, (width,)."""
        total = np.zeros(self.width + 1)
        for rows in self._blocks():
            left, part = self._left[rows], self._part[rows].astype(np.float64)
            right = values[rows, None] * part
            own = values[rows, None] - right
            total += np.bincount(left.ravel(), own.ravel(), minlength=self.width + 1)
            total[1:] += np.bincount(left.ravel(), right.ravel(), minlength=self.width)
        return total[:-1]

    def _blocks(self) -> list[slice]:
        return [slice(begin, begin + _ROWS) for begin in range(0, len(self), _ROWS)]

    def _place(self, values: FloatArray, j: int) -> tuple[IntArray, FloatArray]:
        at = self.knots.at[self.knots.of_feature(j)]
        first = int(self.knots.start[j]) + j
        missing = np.isnan(values)
        inside = np.clip(np.where(missing, at[0], values), at[0], at[-1])
        left = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, max(len(at) - 2, 0))
        width = at[np.minimum(left + 1, len(at) - 1)] - at[left]
        part = np.divide(inside - at[left], width, out=np.zeros(len(values)), where=width > 0)
        return np.where(missing, first + len(at), first + left), np.where(missing, 0.0, part)


def roughness(knots: Knots, *, slope: float, bend: float) -> FloatArray:
    """The penalty matrix of P-splines (Eilers and Marx 1996), (width, width).

    slope : on differences of neighbouring heights, pulls a curve flat.
    bend : on differences of neighbouring slopes, pulls it straight.
    """
    width = len(knots.at) + len(knots)
    penalty = np.zeros((width, width))
    for j in range(len(knots)):
        k = int(knots.start[j + 1] - knots.start[j])
        first = int(knots.start[j]) + j
        own = slice(first, first + k)
        for order, strength in ((1, slope), (2, bend)):
            difference = np.diff(np.eye(k), n=order, axis=0)
            penalty[own, own] += strength * difference.T @ difference
        penalty[first + k, first + k] += slope
    return penalty
