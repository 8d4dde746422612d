"""The models that find candidates as they were on a day: learned once, however many ask."""

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from retention.learning.interactions import BoolArray, FloatArray, Interactions
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.content import predict_factors
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.protocol import Params

LEAST_BUYERS: Final = 3
"""A product with fewer has the factors its content foretells."""
KEPT: Final = 2
"""The window a ranker learns from and the moment after it: asked by the next window again."""


@dataclass(kw_only=True, eq=False)
class Candidates:
    """What a shop's candidate models knew on a day; the last two days are kept.

    options, depth : as Hybrid takes them. content : as `describe` gives it. ridge : as
    `predict_factors`. Ask day by day, the earliest first, and each day is learned once.
    """

    events: Interactions
    options: dict[str, Params] = field(default_factory=dict)
    depth: int = 100
    content: FloatArray | None = None
    ridge: float = 1.0

    _kept: dict[float, Hybrid] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def of(cls, events: Interactions, content: FloatArray | None, recipe: Params) -> Self:
        """As a recipe of LearnedHybrid, its options, takes them."""
        own = {name: recipe[name] for name in ("options", "depth", "ridge")}
        return cls(events=events, content=content, **own)

    def on(self, at_day: float) -> Hybrid:
        """The models that know what came before a day."""
        if at_day not in self._kept:
            self._kept[at_day] = self._learned(at_day)
            for earlier in list(self._kept)[:-KEPT]:
                del self._kept[earlier]
        return self._kept[at_day]

    def _learned(self, at_day: float) -> Hybrid:
        hybrid = Hybrid(options=self.options, depth=self.depth).fit(self.events, at_day=at_day)
        if self.content is not None:
            taste, near = hybrid.models_["taste"], hybrid.models_["neighbours"]
            self._foretell(taste, near.buyers_ >= LEAST_BUYERS, self.content, at_day)
        return hybrid

    def _foretell(
        self, taste: ImplicitALS, known: BoolArray, content: FloatArray, at_day: float
    ) -> None:
        """Products hardly anyone took have factors from their content, for their takers too."""
        foretold = predict_factors(content, taste.product_factors_, known, ridge=self.ridge)
        taste.believe(np.where(known[:, None], taste.product_factors_, foretold))
        history = self.events.matrix(at_day, half_life_days=taste.history_half_life_days)
        took = np.flatnonzero(np.diff(history[:, np.flatnonzero(~known)].indptr))
        taste.customer_factors_[took] = taste.fold_in(history[took])
