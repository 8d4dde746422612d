"""Whether a ranking finds the customers whom an offer changes, judged on a randomised experiment.

Nobody is seen both with an offer and without one. What a single customer's offer did is therefore
only known on average: by scores whose mean over any group is the effect on that group.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from retention.learning.measure.intervals import Estimate, z_of
from retention.learning.panel import BoolArray, FloatArray, IntArray


def effect_scores(
    outcome: FloatArray,
    treated: BoolArray,
    probability: FloatArray,
    *,
    expected: FloatArray,
    expected_control: FloatArray,
) -> FloatArray:
    """Doubly robust effects (Robins, Rotnitzky and Zhao 1994), in the outcome's unit, (n,).

    probability : (n,) of being treated, as it was drawn; strictly between 0 and 1.
    expected, expected_control : (n,) forecasts with the offer and without it, made without the
        customer's own outcome. Poor forecasts widen intervals; they bias nothing.
    """
    if not ((probability > 0) & (probability < 1)).all():
        raise ValueError("Everyone needs a chance of both arms: a probability between 0 and 1.")
    surprise = np.where(
        treated,
        (outcome - expected) / probability,
        (expected_control - outcome) / (1 - probability),
    )
    scores: FloatArray = expected - expected_control + surprise
    return scores


def qini(score: FloatArray, effects: FloatArray, *, level: float = 0.95) -> Estimate:
    """Area between a ranking's gain and that of chance, per customer, in the outcome's unit.

    score : (n,) best highest; equal ones share their place. effects : (n,), `effect_scores`.
    The area under the gain of treating the best share, over all shares, less the straight line
    (Radcliffe 2007; as a rank-weighted effect, Yadlowsky and others 2021). The interval is the
    normal one of its first-order projection, which counts that the ranks are drawn too.
    """
    return _mean(_parts(score, effects), level)


def qini_difference(
    score: FloatArray, rival: FloatArray, effects: FloatArray, *, level: float = 0.95
) -> Estimate:
    """How much larger the area of one ranking is than another's, on the same customers."""
    return _mean(_parts(score, effects) - _parts(rival, effects), level)


def gain_curve(
    score: FloatArray, effects: FloatArray, shares: Sequence[float], *, level: float = 0.95
) -> list[Estimate]:
    """What treating the best share of everyone changes, per customer of everyone.

    shares : from 0 to 1. Customers with equal scores are taken together, each by the same part.
    """
    place = _places(score)
    width = _widths(score)
    curve = []
    for share in shares:
        part = np.clip((share - (place - width / 2)) / width, 0.0, 1.0)
        curve.append(_mean(part * effects, level))
    return curve


def _parts(score: FloatArray, effects: FloatArray) -> FloatArray:
    """A part a customer whose mean is the area, and whose spread is the area's."""
    if len(score) != len(effects):
        raise ValueError(f"{len(score)} scores and {len(effects)} effects; one each is needed.")
    own = effects * (0.5 - _places(score))
    # A customer also moves everyone behind them one place further back.
    groups = _tied(score)
    sums = np.bincount(groups, effects)
    behind = effects.sum() - (np.cumsum(sums) - sums / 2)
    pushed = -behind[groups] / len(score)
    parts: FloatArray = own + pushed - pushed.mean()
    return parts


def _tied(score: FloatArray) -> IntArray:
    """(n,) the number of each one's group of equal scores, the best 0."""
    groups: IntArray = np.unique(-score, return_inverse=True)[1].reshape(-1)
    return groups


def _places(score: FloatArray) -> FloatArray:
    """(n,) from 0, the best, to 1; equal scores stand in the middle of their places."""
    groups = _tied(score)
    sizes = np.bincount(groups)
    middle: FloatArray = ((np.cumsum(sizes) - sizes / 2) / len(score))[groups]
    return middle


def _widths(score: FloatArray) -> FloatArray:
    """(n,) the share of customers whose score is the same."""
    groups = _tied(score)
    wide: FloatArray = (np.bincount(groups) / len(score))[groups]
    return wide


def _mean(parts: FloatArray, level: float) -> Estimate:
    value = float(parts.mean())
    half = z_of(level) * float(parts.std(ddof=1)) / sqrt(len(parts)) if len(parts) > 1 else np.inf
    return Estimate(value, value - half, value + half, level)
