"""What one feature does to the risk of everyone: its curve, where customers lie, and the words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.churn.following import SPECS
from retention.learning.churn.model import ChurnModel
from retention.learning.features import FeatureSpec
from retention.learning.panel import FloatArray, IntArray

FAINT: Final = 0.05
"""Log-odds between the lowest and the highest point: below, the feature says nothing."""
_LEVEL: Final = 0.08
"""A step of less than this share of the whole range is no rise and no fall."""


@dataclass(frozen=True)
class Curve:
    """at, effect : (k,) knots and what they add to the log-odds of the base.

    edges, counts : (b + 1,) and (b,) how many of the audience lie between; no one where that
    was not kept.
    """

    spec: FeatureSpec
    at: FloatArray
    effect: FloatArray
    edges: FloatArray
    counts: IntArray

    @property
    def range(self) -> float:
        """Log-odds between the highest and the lowest point."""
        return float(np.ptp(self.effect))


def curves(model: ChurnModel) -> list[Curve]:
    """The curves of all features, the one that matters most first."""
    told = []
    for j, name in enumerate(model.features):
        at, effect = model.curve(name)
        counts = model.audience.counts[j]
        edges = np.linspace(at[0], at[-1], len(counts) + 1)
        told.append(Curve(SPECS[name], at, effect, edges, counts))
    return sorted(told, key=lambda curve: -curve.range)


def turns(curve: Curve) -> list[tuple[int, float]]:
    """Runs of one direction (1 up, -1 down, 0 level) and where each ends; [] where it says nothing.

    A step of a few percent of the whole range is level.
    """
    if curve.range < FAINT:
        return []
    merged: list[tuple[int, float]] = []
    for step, end in zip(np.diff(curve.effect).tolist(), curve.at[1:].tolist(), strict=True):
        way = 0 if abs(step) < _LEVEL * curve.range else 1 if step > 0 else -1
        if merged and merged[-1][0] == way:
            merged[-1] = (way, end)
        else:
            merged.append((way, end))
    return merged


def in_words(curve: Curve, say: Callable[[float], str]) -> str:
    """ "Risk rises until about 60 days, then stays." """
    found = turns(curve)
    if not found:
        return "Makes hardly a difference."
    verbs = {1: "rises", -1: "falls", 0: "stays"}
    parts = []
    for place, (way, end) in enumerate(found):
        start = "Risk" if not place else "then"
        until = f" until about {say(end)}" if place < len(found) - 1 else ""
        parts.append(f"{start} {verbs[way]}{until}")
    if len(found) == 1 and found[0][0]:
        return f"Risk {verbs[found[0][0]]} all the way."
    return ", ".join(parts) + "."
