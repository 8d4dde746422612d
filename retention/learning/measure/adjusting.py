"""Less noise in a comparison by what was known before it began."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.panel import BoolArray, FloatArray

WINSOR: Final = 0.005
_FEWEST: Final = 50
"""Customers beyond the covariates that it takes to learn what they foretell."""


@dataclass(frozen=True)
class Adjusted:
    """values : (n,) in the outcome's unit, with the same expected difference between the arms.

    reduction : part of the variance that is gone, 0 where nothing was foretold.
    """

    values: FloatArray
    reduction: float


def adjusted(values: FloatArray, treated: BoolArray, before: FloatArray) -> Adjusted:
    """Take from an outcome what was foretold by facts from before the campaign.

    values, treated : (n,). before : (n, m) covariates that the campaign cannot have changed; nan
        counts as unknown, which is a fact of its own.
    CUPED (Deng, Xu, Kohavi and Walker 2013) with several covariates: one regression within the
    arms, so that the effect itself is not taken for a covariate's. The mean over everyone stays.
    """
    if len(values) < _FEWEST:
        return Adjusted(values, 0.0)
    known = _known(before)
    design = _centred(known, treated)
    if len(values) < _FEWEST + design.shape[1] or not design.any():
        return Adjusted(values, 0.0)
    within = _centred(values[:, None], treated)[:, 0]
    slopes = np.linalg.lstsq(design, within, rcond=None)[0]
    whole = known @ slopes
    left = values - (whole - whole.mean())
    had, has = float(within @ within), float(((within - design @ slopes) ** 2).sum())
    if had <= 0:
        return Adjusted(values, 0.0)
    return Adjusted(left, max(1 - has / had, 0.0))


@dataclass(frozen=True)
class Winsorised:
    """values : (n,), none above `cap`. capped : how many were."""

    values: FloatArray
    cap: float
    capped: int


def winsorised(values: FloatArray, *, share: float = WINSOR) -> Winsorised:
    """The largest `share` of values, of both arms together, brought down to the next one below.

    One wholesale order can hide what a thousand customers did. What is said of the capped values
    holds for them, not for the raw ones: whoever shows it says so. Nothing is capped where less
    than one customer would be.
    """
    if not 0 <= share < 0.5:
        raise ValueError(f"The share to cap is from 0 to below a half, got {share}.")
    many = int(share * len(values))
    if many == 0:
        return Winsorised(values, float(values.max(initial=0.0)), 0)
    cap = float(np.partition(values, len(values) - many - 1)[len(values) - many - 1])
    return Winsorised(np.minimum(values, cap), cap, int((values > cap).sum()))


def _known(before: FloatArray) -> FloatArray:
    """Covariates without nan: its place takes the mean, and a column of its own says so."""
    missing = np.isnan(before)
    counts = np.maximum((~missing).sum(axis=0), 1)
    filled = np.where(missing, np.where(missing, 0.0, before).sum(axis=0) / counts, before)
    columns = np.column_stack([filled, missing[:, missing.any(axis=0)].astype(np.float64)])
    varies: FloatArray = columns[:, columns.std(axis=0) > 0]
    return varies


def _centred(columns: FloatArray, treated: BoolArray) -> FloatArray:
    """Each column less its mean in the own arm."""
    out = columns.astype(np.float64)
    for arm in (treated, ~treated):
        if arm.any():
            out[arm] -= out[arm].mean(axis=0)
    return out
