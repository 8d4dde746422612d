"""From scores that rank to probabilities that are true."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from retention.learning.panel import BoolArray, FloatArray

# With fewer rows the steps of an isotonic curve follow the noise.
ISOTONIC_ROWS: Final = 2_000


class TooFewRows(ValueError):
    """An isotonic curve needs thousands of rows; use Platt's."""


@dataclass(frozen=True)
class Platt:
    """probability = expit(slope * log-odds + shift): what was a sum stays one."""

    slope: float
    shift: float

    def log_odds(self, raw: FloatArray) -> FloatArray:
        """Calibrated log-odds of raw ones, (n,)."""
        return self.slope * raw + self.shift

    def probability(self, raw: FloatArray) -> FloatArray:
        """Calibrated probabilities of raw log-odds, (n,)."""
        calibrated: FloatArray = expit(self.log_odds(raw))
        return calibrated


@dataclass(frozen=True)
class Isotonic:
    """A rising curve through the outcomes; reasons explain the log-odds before it.

    at : (b,) raw log-odds, ascending. happened : (b,) the share lost there.
    """

    at: FloatArray
    happened: FloatArray

    def probability(self, raw: FloatArray) -> FloatArray:
        """Calibrated probabilities of raw log-odds, (n,)."""
        return np.interp(raw, self.at, self.happened)


def fit_platt(raw: FloatArray, lost: BoolArray) -> Platt:
    """Slope and shift by maximum likelihood, with Platt's (1999) targets.

    raw : (n,) log-odds of customers the model was not trained on. lost : (n,).
    """
    kept = int((~lost).sum())
    gone = len(lost) - kept
    # Each class is given one more example of itself: finite also where it separates perfectly.
    target = np.where(lost, (gone + 1) / (gone + 2), 1 / (kept + 2))
    design = np.column_stack([raw, np.ones(len(raw))])
    weights = np.array([1.0, 0.0])
    for _ in range(100):
        p = expit(design @ weights)
        gradient = design.T @ (p - target)
        curvature = design.T @ (design * (p * (1 - p))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights -= step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    return Platt(slope=float(weights[0]), shift=float(weights[1]))


def fit_isotonic(raw: FloatArray, lost: BoolArray) -> Isotonic:
    """The rising step curve nearest to the outcomes (pool adjacent violators).

    Raises TooFewRows below 2,000 rows.
    """
    if len(raw) < ISOTONIC_ROWS:
        raise TooFewRows(
            f"{len(raw)} rows are too few for an isotonic curve, {ISOTONIC_ROWS} are needed; "
            "use fit_platt."
        )
    at, where, many = np.unique(raw, return_inverse=True, return_counts=True)
    share = np.bincount(where, weights=lost.astype(np.float64)) / many
    return Isotonic(at=at, happened=isotonic_regression(share, weights=many).x)
