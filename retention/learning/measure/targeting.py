"""Whether a ranking finds the customers whom an offer changes, judged on a randomised experiment.

Nobody is seen both with an offer and without one. What a single customer's offer did is therefore
only known on average: by scores whose mean over any group is the effect on that group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.learning.measure.intervals import Estimate, mean_estimate
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
    return mean_estimate(_parts(score, effects), level=level)


def qini_difference(
    score: FloatArray, rival: FloatArray, effects: FloatArray, *, level: float = 0.95
) -> Estimate:
    """How much larger the area of one ranking is than another's, on the same customers."""
    return mean_estimate(_parts(score, effects) - _parts(rival, effects), level=level)


def gain_curve(
    score: FloatArray, effects: FloatArray, shares: Sequence[float], *, level: float = 0.95
) -> list[Estimate]:
    """What treating the best share of everyone changes, per customer of everyone.

    shares : from 0 to 1. Customers with equal scores are taken together, each by the same part.
    """
    ranks = _Ranks.of(score)
    curve = []
    for share in shares:
        part = np.clip((share - (ranks.place - ranks.width / 2)) / ranks.width, 0.0, 1.0)
        curve.append(mean_estimate(part * effects, level=level))
    return curve


@dataclass(frozen=True)
class _Ranks:
    """Where each customer stands, (n,) each.

    group : the number of their group of equal scores, the best 0. place : from 0, the best, to 1;
    equal scores stand in the middle of their places. width : share of customers with their score.
    """

    group: IntArray
    place: FloatArray
    width: FloatArray

    @classmethod
    def of(cls, score: FloatArray) -> Self:
        group: IntArray = np.unique(-score, return_inverse=True)[1].reshape(-1)
        sizes = np.bincount(group)
        middle = (np.cumsum(sizes) - sizes / 2) / len(score)
        return cls(group, middle[group], (sizes / len(score))[group])


def _parts(score: FloatArray, effects: FloatArray) -> FloatArray:
    """A part a customer whose mean is the area, and whose spread is the area's."""
    if len(score) != len(effects):
        raise ValueError(f"{len(score)} scores and {len(effects)} effects; one each is needed.")
    ranks = _Ranks.of(score)
    own = effects * (0.5 - ranks.place)
    # A customer also moves everyone behind them one place further back.
    sums = np.bincount(ranks.group, effects)
    behind = effects.sum() - (np.cumsum(sums) - sums / 2)
    pushed = -behind[ranks.group] / len(score)
    parts: FloatArray = own + pushed - pushed.mean()
    return parts
