"""Who is in which arm: drawn by a salted hash of the shop's id, the same whenever it is drawn."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from retention.learning.measure.experiments import assign_all, uniforms
from retention.learning.panel import BoolArray, FloatArray, IntArray

HOLDOUT_SALT = "retention.holdout"
"""Fixed for ever: whoever is held out stays so, whatever else changes."""


def draw_arms(
    keys: Sequence[str], *, salt: str, control_share: float, weights: Sequence[float]
) -> tuple[IntArray, FloatArray]:
    """(n,) which offer each of n customers gets, -1 in the control; (n,) that arm's probability.

    weights : of the offers among each other.
    """
    *offers, control = shares_of(weights, control_share)
    arm, probability = assign_all(keys, salt=salt, shares=[control, *offers])
    return arm - 1, probability


def shares_of(weights: Sequence[float], control_share: float) -> list[float]:
    """How likely the lot gives each offer and, last, the control."""
    treated, total = 1 - control_share, sum(weights)
    return [*(treated * weight / total for weight in weights), control_share]


def drawn_for_holdout(keys: Iterable[str]) -> BoolArray:
    """(n,) whether the fixed salt puts a customer into the global holdout, at today's share."""
    drawn: BoolArray = uniforms(keys, HOLDOUT_SALT) < settings.GLOBAL_HOLDOUT_SHARE
    return drawn
