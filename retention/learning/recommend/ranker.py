"""The small model that orders candidates: exact sums of curves, so every place can be explained."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.random import Generator

from retention.learning.churn.classifiers import AdditiveLogit
from retention.learning.interactions import BoolArray, DoubleArray
from retention.learning.recommend.evidence import TIMES
from retention.learning.recommend.protocol import Arrays

PARTS = ("whole", "bought", "fresh")


class TooFewExamples(ValueError):
    """Not enough came true in the window: there is nothing to learn an order from."""


@dataclass(kw_only=True, eq=False)
class Ranker:
    """Log-odds that a candidate is bought in the window, as sums of one curve a feature.

    Half is one set of curves for all pairs, half another for what was bought before or, for the
    rest, for what would be new: the same trend speaks differently in the two, and the shared
    half keeps the smaller one from learning noise.
    fewest : examples of a purchase that each set of curves needs.
    """

    smoothing: float = 15.0
    knots: int = 8
    max_rows: int = 200_000
    fewest: int = 200

    parts_: dict[str, AdditiveLogit] = field(init=False, repr=False)

    def fit(self, x: DoubleArray, taken: BoolArray, *, rng: Generator) -> Self:
        """Learn from pairs' features (n, m) and whether they were taken (n,)."""
        before = bought_before(x)
        groups = {"whole": np.ones(len(x), np.bool_), "bought": before, "fresh": ~before}
        for name, rows in groups.items():
            came_true = int(taken[rows].sum())
            if came_true < self.fewest or came_true == np.count_nonzero(rows):
                raise TooFewExamples(
                    f"Of {np.count_nonzero(rows)} candidates ({name}) {came_true} were taken; "
                    f"{self.fewest} are needed, and as many that were not."
                )
        self.parts_ = {
            name: AdditiveLogit(
                smoothing=self.smoothing, knots=self.knots, max_rows=self.max_rows
            ).fit(x[rows], taken[rows], rng=rng)
            for name, rows in groups.items()
        }
        return self

    def scores(self, x: DoubleArray) -> DoubleArray:
        """Log-odds (n,) of pairs with features (n, m): the base and the effects, added up."""
        odds: DoubleArray = self.base(x) + self.effects(x).sum(axis=1)
        return odds

    def base(self, x: DoubleArray) -> DoubleArray:
        """What a pair starts from, (n,), before anything is known but whether it was bought."""
        parts = self.parts_
        own = np.where(bought_before(x), parts["bought"].intercept_, parts["fresh"].intercept_)
        start: DoubleArray = (parts["whole"].intercept_ + own) / 2
        return start

    def effects(self, x: DoubleArray) -> DoubleArray:
        """What each feature adds to the log-odds, (n, m), exactly."""
        before = bought_before(x)
        own = np.empty(x.shape)
        own[before] = self.parts_["bought"].effects(x[before])
        own[~before] = self.parts_["fresh"].effects(x[~before])
        added: DoubleArray = (self.parts_["whole"].effects(x) + own) / 2
        return added

    def arrays(self) -> Arrays:
        """Every curve, named part.array."""
        return {
            f"{name}.{key}": array
            for name, part in self.parts_.items()
            for key, array in part.arrays().items()
        }

    @property
    def width(self) -> int:
        """How many features it weighs."""
        return len(self.parts_["whole"].knots_)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The ranker again, without learning."""
        model = cls()
        model.parts_ = {
            name: AdditiveLogit.from_arrays(
                {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith(f"{name}.")}
            )
            for name in PARTS
        }
        return model


def bought_before(x: DoubleArray) -> BoolArray:
    """Whether each pair's customer had the product, (...,) of features (..., m)."""
    before: BoolArray = x[..., TIMES] > 0
    return before
