"""Why this customer's risk is what it is: exact, because the log-odds are a sum.

The Shapley value of a feature in a sum of one-feature curves, against an audience, is its curve
at the customer's value minus the curve's mean over the audience.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.learning.churn.wording_visits import THEMES
from retention.learning.features import FeatureSpec, FeatureTable
from retention.learning.panel import BoolArray, FloatArray, IntArray

# Closer than this share to what it is compared with, a fact speaks for neither side.
_ALIKE: Final = 0.1


@dataclass(frozen=True)
class Reason:
    """One signed reason: a theme, told by one of its features.

    effect : what all features of the theme together add to the log-odds of being lost.
    sets_apart : it tells this customer from those beside them, see `setting_apart`.
    """

    feature: str
    label: str
    theme: str
    value: float
    effect: float
    sentence: str
    sets_apart: bool = False

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


@dataclass(frozen=True)
class Spoken:
    """The themes' effects on the features that speak for them, and which sentence these may say.

    effects : (n, m) a theme's sum on its speaker, 0 on the others: the row sums do not change.
    by_own, by_typical, bare : (n, m) the comparison with the customer's own counter-fact, where
        that is not known with the audience, or the sentence without one speaks for the side the
        theme is on.
    """

    effects: FloatArray
    by_own: BoolArray
    by_typical: BoolArray
    bare: BoolArray


def speakers(table: FeatureTable, contributions: FloatArray, *, typical: FloatArray) -> Spoken:
    """Who tells the story of each theme.

    Features of a theme tell one story: "no order for 74 days" and "2.4 times the usual gap" are
    one reason, not two, and halves that cancel are none. It is told by a fact that everybody
    understands to speak for that side: the theme's leader where it does, else the strongest.
    contributions : (n, m). typical : (m,) the audience's medians.
    """
    n, m = contributions.shape
    spoken = Spoken(np.zeros((n, m)), *(np.zeros((n, m), dtype=bool) for _ in range(3)))
    themes = [spec.theme for spec in table.specs]
    for theme in dict.fromkeys(themes):
        members = np.flatnonzero([name == theme for name in themes])
        part = contributions[:, members]
        total = part.sum(axis=1)
        side = np.sign(total)
        for j in members.tolist():
            own = contributions[:, j] * side > 0
            spoken.by_own[:, j], spoken.by_typical[:, j], spoken.bare[:, j] = _may_say(
                table, j, side, own, typical[j]
            )
        may = (spoken.by_own | spoken.by_typical | spoken.bare)[:, members]
        leads = np.array([table.specs[j].leads for j in members.tolist()])
        # Any that may comes before all that may not; of those, the leader before the others.
        strength = part * side[:, None]
        rank = np.where(may, 2 + leads, 0) + strength / (1 + 2 * np.abs(strength))
        spoken.effects[np.arange(n), members[np.argmax(rank, axis=1)]] = total
    return spoken


def _may_say(
    table: FeatureTable, j: int, side: FloatArray, own: BoolArray, typical: float
) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Whether each sentence about feature j speaks for a side, 1 for leaving and -1 for staying.

    own : (n,) whether its own effect is on that side; asked where no comparison tells.
    """
    spec, value = table.specs[j], table.values[:, j]

    def agrees(beside: FloatArray | float) -> BoolArray:
        beside = np.asarray(beside, dtype=float)
        beyond = np.sign(spec.as_said(value) - spec.as_said(beside))
        beyond[np.abs(value - beside) < _ALIKE * np.abs(beside)] = 0
        return np.asarray(beyond * spec.sense == side if spec.sense else own & (beyond != 0))

    known = ~np.isnan(value)
    nothing = np.zeros(len(value), dtype=bool)
    # Who has too little history for a fact is nearer to leaving: no one is praised for it.
    unknown = ~known & own & (side > 0)
    if spec.fewer:
        return nothing, nothing, unknown | (known & agrees(0.0))
    usual = table.own_counter(spec)
    # Who has a rhythm is held against that alone: what is long for others may be usual for them.
    has_usual = ~np.isnan(usual)
    by_own = known & has_usual & agrees(usual)
    if np.isnan(typical):
        return by_own, nothing, unknown | (known & own & ~has_usual)
    return by_own, known & ~has_usual & agrees(typical), unknown


def in_words(
    table: FeatureTable,
    spoken: Spoken,
    *,
    k: int,
    least: float,
    typical: FloatArray,
    money: Callable[[float], str] | None = None,
) -> list[tuple[Reason, ...]]:
    """Each customer's k strongest reasons as sentences with their counter-facts.

    typical : (m,) the audience's medians. least : what is no stronger than this is no reason.
    """
    columns, effects = top_reasons(spoken.effects, k=k, least=least)
    at = np.arange(len(columns))[:, None]
    how = np.where(spoken.by_own, 3, np.where(spoken.by_typical, 2, spoken.bare))[at, columns]
    usual = np.column_stack([table.own_counter(spec) for spec in table.specs])
    said: list[tuple[Reason, ...]] = []
    for values, counters, *rows in zip(table.values, usual, columns, effects, how, strict=True):
        told = []
        for c, effect, way in zip(*(row.tolist() for row in rows), strict=True):
            if c >= 0:
                spec, value = table.specs[c], float(values[c])
                against = float(counters[c] if way == 3 else typical[c])
                sentence = _sentence(spec, value, way, against, money)
                told.append(Reason(spec.name, spec.label, spec.theme, value, effect, sentence))
        said.append(tuple(told))
    return said


def _sentence(
    spec: FeatureSpec,
    value: float,
    way: int,
    against: float,
    money: Callable[[float], str] | None,
) -> str:
    match way:
        case 3:
            return spec.phrase(value, usual=against, money=money)
        case 2:
            return spec.phrase(value, typical=against, money=money)
        case 1:
            return spec.phrase(value, money=money)
        case _:
            return THEMES[spec.theme].together
