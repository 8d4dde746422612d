"""The churn model that serves: a probability, a base, and reasons that sum to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit

from retention.learning.churn.classifiers import AdditiveLogit, Arrays
from retention.learning.churn.labels import ChurnDefinition
from retention.learning.churn.reasons import Reason, in_words, speakers
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray, IntArray

# Log-odds that move a probability by about one point at most: nothing to tell a person.
_FAINT = 0.05
BINS = 24


@dataclass(frozen=True)
class Audience:
    """The customers reasons are told against.

    effect : (m,) mean effect of each feature, log-odds. typical : (m,) median value.
    counts : (m, BINS) how many have a value in each of equal bins between the outer knots; zeros
        where the model was stored before these were kept.
    """

    effect: FloatArray
    typical: FloatArray
    counts: IntArray

    @classmethod
    def of(cls, additive: AdditiveLogit, x: FloatArray) -> Self:
        """The audience whose features are x, (n, m)."""
        known = ~np.isnan(x).all(axis=0)
        typical = np.full(x.shape[1], np.nan)
        typical[known] = np.nanmedian(x[:, known], axis=0)
        counts = [
            np.histogram(column[~np.isnan(column)], bins=BINS, range=_outer(additive, j))[0]
            for j, column in enumerate(x.T)
        ]
        return cls(
            effect=additive.effects(x).mean(axis=0),
            typical=typical,
            counts=np.array(counts, dtype=np.int64),
        )


def _outer(additive: AdditiveLogit, j: int) -> tuple[float, float]:
    at = additive.knots_.at[additive.knots_.of_feature(j)]
    return float(at[0]), float(at[-1])


@dataclass(frozen=True)
class ChurnModel:
    """Features in, probability and exact reasons out.

    features : the names of the columns it was trained on, in order.
    """

    definition: ChurnDefinition
    features: tuple[str, ...]
    additive: AdditiveLogit
    audience: Audience

    def log_odds(self, table: FeatureTable) -> FloatArray:
        """Log-odds of being lost, (n,)."""
        return self.additive.log_odds(self._x(table))

    def probability(self, table: FeatureTable) -> FloatArray:
        """Probability of being lost, (n,)."""
        probability: FloatArray = expit(self.log_odds(table))
        return probability

    @property
    def base(self) -> float:
        """Log-odds to which the contributions of a customer are added."""
        return self.additive.intercept_ + float(self.audience.effect.sum())

    def contributions(self, table: FeatureTable) -> FloatArray:
        """What each feature adds to the base, (n, m): base + row sum = log_odds to 1e-9."""
        added: FloatArray = self.additive.effects(self._x(table)) - self.audience.effect
        return added

    def reasons(
        self,
        table: FeatureTable,
        *,
        k: int = 3,
        money: Callable[[float], str] | None = None,
    ) -> list[tuple[Reason, ...]]:
        """The k strongest reasons of each customer in words, one a theme, strongest first."""
        table = table.only(self.features)
        typical = self.audience.typical
        spoken = speakers(table, self.contributions(table), typical=typical)
        return in_words(table, spoken, k=k, least=_FAINT, typical=typical, money=money)

    def curve(self, feature: str) -> tuple[FloatArray, FloatArray]:
        """Knots (k,) of a feature and what it adds to the base there (k,); flat outside."""
        j = self.features.index(feature)
        own = self.additive.knots_.of_feature(j)
        return self.additive.knots_.at[own], self.additive.effects_[own] - self.audience.effect[j]

    def arrays(self) -> Arrays:
        """Everything numeric, as plain arrays."""
        return self.additive.arrays() | {
            "audience_effect": self.audience.effect,
            "audience_typical": self.audience.typical,
            "audience_counts": self.audience.counts,
        }

    def meta(self) -> dict[str, Any]:
        """Everything else, as JSON."""
        definition = self.definition
        return {
            "features": list(self.features),
            "horizon_days": definition.horizon_days,
            "min_orders": definition.min_orders,
            "active_within_days": definition.active_within_days,
            "overdue_times": definition.overdue_times,
        }

    @classmethod
    def from_parts(cls, arrays: Arrays, meta: dict[str, Any]) -> Self:
        """The model again from `arrays()` and `meta()`; its scores are the same bit for bit."""
        return cls(
            definition=ChurnDefinition(
                horizon_days=meta["horizon_days"],
                min_orders=meta["min_orders"],
                active_within_days=meta["active_within_days"],
                overdue_times=meta.get("overdue_times"),
            ),
            features=tuple(meta["features"]),
            additive=AdditiveLogit.from_arrays(arrays),
            audience=Audience(
                effect=arrays["audience_effect"].astype(np.float64),
                typical=arrays["audience_typical"].astype(np.float64),
                counts=arrays.get(
                    "audience_counts", np.zeros((len(meta["features"]), BINS))
                ).astype(np.int64),
            ),
        )

    def _x(self, table: FeatureTable) -> FloatArray:
        if table.names == self.features:
            return table.values
        return table.only(self.features).values
