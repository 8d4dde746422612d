"""Why this customer's risk is what it is: exact, because the log-odds are a sum.

The Shapley value of a feature in a sum of one-feature curves, against an audience, is its curve
at the customer's value minus the curve's mean over the audience.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retention.learning.features import FeatureSpec, FeatureTable
from retention.learning.panel import FloatArray, IntArray


@dataclass(frozen=True)
class Reason:
    """One signed reason. effect : what it adds to the log-odds of being lost."""

    feature: str
    label: str
    value: float
    effect: float
    sentence: str

    @property
    def raises_risk(self) -> bool:
        """Whether it speaks for losing the customer."""
        return self.effect > 0


def top_reasons(
    contributions: FloatArray, *, k: int, least: float = 0.0
) -> tuple[IntArray, FloatArray]:
    """The k strongest contributions of each customer, strongest first, either sign.

    contributions : (n, m). least : what is no stronger than this is no reason.
    Returns columns (n, k) and effects (n, k); rows with fewer than k reasons end in -1, nan.
    100,000 customers x 32 features take about 0.3 s.
    """
    k = min(k, contributions.shape[1])
    strength = np.abs(contributions)
    # Stable, so that equal strengths come in the order of the features, whatever the batch.
    columns = np.argsort(-strength, axis=1, kind="stable")[:, :k]
    effects = np.take_along_axis(contributions, columns, axis=1)
    nothing = np.abs(effects) <= least
    return np.where(nothing, -1, columns), np.where(nothing, np.nan, effects)


def spokesmen(contributions: FloatArray, themes: Sequence[str]) -> FloatArray:
    """Contributions with each theme's sum on its strongest member, 0 on the others, (n, m).

    Features of one theme tell one story: "no order for 74 days" and "2.4 times the usual gap"
    are one reason, not two, and halves that cancel are none. The row sums do not change.
    """
    out = np.zeros_like(contributions)
    rows = np.arange(len(contributions))
    for theme in dict.fromkeys(themes):
        members = np.flatnonzero([name == theme for name in themes])
        part = contributions[:, members]
        total = part.sum(axis=1)
        speaker = np.argmax(part * np.sign(total)[:, None], axis=1)
        out[rows, members[speaker]] = total
    return out


def in_words(
    table: FeatureTable,
    columns: IntArray,
    effects: FloatArray,
    *,
    typical: FloatArray,
    money: Callable[[float], str] | None = None,
) -> list[tuple[Reason, ...]]:
    """Each customer's reasons as sentences with their counter-facts.

    columns, effects : (n, k) as of top_reasons. typical : (m,) the audience's medians.
    """
    names = table.names
    said: list[tuple[Reason, ...]] = []
    for values, own, effect in zip(table.values, columns, effects, strict=True):
        by_name = dict(zip(names, values.tolist(), strict=True))
        said.append(
            tuple(
                _reason(table.specs[c], by_name, effect=float(e), typical=typical[c], money=money)
                for c, e in zip(own.tolist(), effect, strict=True)
                if c >= 0
            )
        )
    return said


def _reason(
    spec: FeatureSpec,
    values: dict[str, float],
    *,
    effect: float,
    typical: float,
    money: Callable[[float], str] | None,
) -> Reason:
    value = values[spec.name]
    usual = values[spec.counter_from] if spec.counter_from else float("nan")
    sentence = spec.phrase(value, usual=usual, typical=typical, money=money)
    return Reason(spec.name, spec.label, value, effect, sentence)
