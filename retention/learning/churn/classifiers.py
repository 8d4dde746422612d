"""Classifiers of who will be lost; the served one is a sum of one curve a feature."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from retention.learning.churn.basis import Hats, Knots, roughness
from retention.learning.panel import BoolArray, FloatArray

Arrays = dict[str, NDArray[np.float64] | NDArray[np.int64]]

_CHUNK = 4096
_SAMPLE = 20_000
# Newton stops when a step can lower the loss of a row by less than this; on a sample, by so much.
_ENOUGH = 1e-12
_NEAR = 1e-6
# Keeps a curve that no row speaks about at zero, and the equations solvable.
_RIDGE = 0.1


class Classifier(Protocol):
    """Anything that learns who is lost from features that may be nan."""

    def fit(self, x: FloatArray, lost: BoolArray, *, rng: Generator) -> Self:
        """Learn from x (n, m) and lost (n,)."""
        ...

    def log_odds(self, x: FloatArray) -> FloatArray:
        """Log-odds of being lost, (n,)."""
        ...


class OneClass(ValueError):
    """Everyone was lost, or no one: there is nothing to tell apart."""


class AdditiveLogit:
    """Logistic regression on one piecewise-linear curve a feature, penalised as P-splines.

    log-odds = intercept + sum over features of effect_j(x_j): the reasons are the terms.
    A feature that is nan has an effect of its own. Beyond the outer knots a curve is flat.
    Newton's method on at most max_rows rows drawn evenly; 200,000 rows x 32 features take
    about 3 s on one core and 0.2 GB.
    """

    intercept_: float
    knots_: Knots
    effects_: FloatArray
    missing_: FloatArray

    def __init__(self, *, smoothing: float = 15.0, knots: int = 8, max_rows: int = 200_000) -> None:
        """smoothing : strength of the penalty on slopes; bends are penalised five times so much."""
        self.smoothing = smoothing
        self.knots = knots
        self.max_rows = max_rows

    def fit(self, x: FloatArray, lost: BoolArray, *, rng: Generator) -> Self:
        """Learn from x (n, m) and lost (n,); nan is allowed, infinity is not."""
        _refuse(x, lost, self.smoothing)
        if len(x) > self.max_rows:
            rows = np.sort(rng.choice(len(x), self.max_rows, replace=False))
            x, lost = x[rows], lost[rows]
        knots = Knots.of(x, most=self.knots)
        hats = Hats(x, knots)
        penalty = roughness(knots, slope=self.smoothing, bend=5 * self.smoothing)
        penalty += _RIDGE * np.eye(hats.width)
        heights, self.intercept_ = _newton(hats, lost.astype(np.float64), penalty)
        missing_at = knots.start[1:] + np.arange(len(knots))
        self.knots_ = knots
        self.missing_ = heights[missing_at]
        self.effects_ = np.delete(heights, missing_at)
        return self

    def effects(self, x: FloatArray) -> FloatArray:
        """What each feature adds to the log-odds, (n, m). Their mean over the training is zero."""
        out = np.empty(x.shape)
        for j, column in enumerate(x.T):
            own = self.knots_.of_feature(j)
            curve = np.interp(column, self.knots_.at[own], self.effects_[own])
            out[:, j] = np.where(np.isnan(column), self.missing_[j], curve)
        return out

    def log_odds(self, x: FloatArray) -> FloatArray:
        """Log-odds of being lost, (n,)."""
        odds: FloatArray = self.intercept_ + self.effects(x).sum(axis=1)
        return odds

    def arrays(self) -> Arrays:
        """Everything that was learned, as plain arrays."""
        return {
            "intercept": np.array([self.intercept_]),
            "knots": self.knots_.at,
            "start": self.knots_.start,
            "effects": self.effects_,
            "missing": self.missing_,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The fitted classifier again; scores are the same bit for bit."""
        model = cls()
        model.intercept_ = float(arrays["intercept"][0])
        model.knots_ = Knots(arrays["knots"].astype(np.float64), arrays["start"].astype(np.int64))
        model.effects_ = arrays["effects"].astype(np.float64)
        model.missing_ = arrays["missing"].astype(np.float64)
        return model


def _refuse(x: FloatArray, lost: BoolArray, smoothing: float) -> None:
    if len(x) != len(lost):
        raise ValueError(f"{len(x)} rows of features and {len(lost)} outcomes; one each is needed.")
    if smoothing <= 0:
        raise ValueError(f"smoothing must be above 0, got {smoothing}.")
    if np.isinf(x).any():
        raise ValueError(f"Column {int(np.argwhere(np.isinf(x))[0, 1])} holds infinity; use nan.")
    if not len(lost) or lost.all() or not lost.any():
        what = "nobody" if not lost.any() else "everybody"
        raise OneClass(f"Of {len(lost)} customers {what} was lost; widen or shorten the horizon.")


def _newton(hats: Hats, lost: FloatArray, penalty: FloatArray) -> tuple[FloatArray, float]:
    """Heights of the hats, centred on the rows, and the intercept."""
    mean = hats.turned(np.ones(len(hats))) / len(hats)
    ridge = np.zeros((hats.width + 1, hats.width + 1))
    ridge[:-1, :-1] = penalty
    weights = np.zeros(hats.width + 1)
    weights[-1] = np.log(lost.mean() / (1 - lost.mean()))
    whole = _Problem(hats, lost, mean, ridge)
    stride = max(1, len(hats) // _SAMPLE)
    if stride > 1:
        # A thinned sample finds the neighbourhood and how the loss bends there: from then on all
        # rows are only asked for the slope, which costs a tenth of the bend.
        some = _Problem(hats.thinned(stride), lost[::stride], mean, ridge)
        weights, bend = some.solve(weights, enough=_NEAR)
        weights = whole.refined(weights, stride * (bend - ridge) + ridge)
    else:
        weights, _ = whole.solve(weights)
    return _centred(weights[:-1], mean, hats.knots), float(weights[-1])


@dataclass(frozen=True)
class _Problem:
    """Penalised logistic regression on hats centred on a mean; the last weight is the intercept."""

    hats: Hats
    lost: FloatArray
    mean: FloatArray
    ridge: FloatArray

    def solve(
        self, weights: FloatArray, *, enough: float = _ENOUGH
    ) -> tuple[FloatArray, FloatArray]:
        """Newton's method with halved steps (the loss is strictly convex), and the bend there."""
        loss, gradient = self.slope(weights)
        for _ in range(50):
            bend = self.bend(weights)
            step = cho_solve(cho_factor(bend), gradient)
            # gradient @ step is about twice what the step can still win.
            if gradient @ step < enough * len(self.lost):
                break
            tried, slope = self.slope(weights - step)
            while tried > loss:
                step /= 2
                tried, slope = self.slope(weights - step)
            weights, loss, gradient = weights - step, tried, slope
        return weights, bend

    def refined(self, weights: FloatArray, bend: FloatArray) -> FloatArray:
        """The same from a bend that is about right; where that wins no more, from its own."""
        factor = cho_factor(bend)
        loss, gradient = self.slope(weights)
        for _ in range(20):
            step = cho_solve(factor, gradient)
            if gradient @ step < _ENOUGH * len(self.lost):
                return weights
            tried, slope = self.slope(weights - step)
            if tried > loss:
                break
            weights, loss, gradient = weights - step, tried, slope
        return self.solve(weights)[0]

    def slope(self, weights: FloatArray) -> tuple[float, FloatArray]:
        """Penalised loss and its gradient."""
        odds = self._odds(weights)
        left = expit(odds) - self.lost
        loss = float(np.sum(np.logaddexp(0, odds) - self.lost * odds))
        total = float(left.sum())
        gradient = np.append(self.hats.turned(left) - self.mean * total, total)
        pull = self.ridge @ weights
        return loss + float(weights @ pull) / 2, gradient + pull

    def bend(self, weights: FloatArray) -> FloatArray:
        """The matrix of second derivatives."""
        p = expit(self._odds(weights))
        matrix = self.ridge.copy()
        # Single precision: where it ends is the slope's to say, this only shows the way.
        middle = np.append(self.mean, 0).astype(np.float32)
        weight = np.sqrt(p * (1 - p)).astype(np.float32)
        for rows in _chunks(len(self.hats)):
            design = self.hats.chunk(rows, beside=1, dtype=np.float32)
            design[:, -1] = 1
            design -= middle
            design *= weight[rows, None]
            matrix += design.T @ design
        return matrix

    def _odds(self, weights: FloatArray) -> FloatArray:
        heights = weights[:-1]
        odds: FloatArray = self.hats.times(heights) + (weights[-1] - heights @ self.mean)
        return odds


def _centred(heights: FloatArray, mean: FloatArray, knots: Knots) -> FloatArray:
    """Take each feature's mean effect from its heights: the intercept holds them already."""
    feature = np.repeat(np.arange(len(knots)), np.diff(knots.start) + 1)
    level = np.bincount(feature, heights * mean)
    return heights - level[feature]


def _chunks(n: int) -> list[slice]:
    return [slice(begin, begin + _CHUNK) for begin in range(0, n, _CHUNK)]
