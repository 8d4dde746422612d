"""Who is in which arm: drawn by a salted hash of the shop's id, the same whenever it is drawn."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.conf import settings

from retention.learning.measure.experiments import CONTROL, assign, assign_among
from retention.learning.panel import BoolArray, FloatArray, IntArray

HOLDOUT_SALT = "retention.holdout"
"""Fixed for ever: whoever is held out stays so, whatever else changes."""


def draw_arms(
    keys: Sequence[str], *, salt: str, control_share: float, weights: Sequence[float]
) -> tuple[IntArray, FloatArray]:
    """(n,) which offer each of n customers gets, -1 in the control; (n,) that arm's probability.

    weights : of the offers among each other.
    """
    treated = 1 - control_share
    shares = {CONTROL: control_share} | {
        str(number): treated * weight / sum(weights) for number, weight in enumerate(weights)
    }
    arms = [assign_among(key, salt=salt, shares=shares) for key in keys]
    offers = (-1 if arm.name == CONTROL else int(arm.name) for arm in arms)
    return (
        np.fromiter(offers, dtype=np.int64, count=len(arms)),
        np.array([arm.probability for arm in arms], dtype=np.float64),
    )


def drawn_for_holdout(keys: Iterable[str]) -> BoolArray:
    """(n,) whether the fixed salt puts a customer into the global holdout, at today's share."""
    share = settings.GLOBAL_HOLDOUT_SHARE
    return np.array(
        [assign(key, salt=HOLDOUT_SALT, control_share=share).name == CONTROL for key in keys],
        dtype=np.bool_,
    )
