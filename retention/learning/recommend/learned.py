"""What is served: candidates of every model, ordered by a ranker that learned from a later window.

It falls back by steps: all features, then those that exist (no content, no price: their curves
say nothing), then fusion by rank where too little came true to learn an order from, then, for a
stranger, what is popular.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
    Interactions,
)
from retention.learning.measure.ranking import Cutoff, question
from retention.learning.recommend.blend import Blend, Parts
from retention.learning.recommend.candidates import Candidates
from retention.learning.recommend.evidence import (
    FEATURES,
    Pairs,
    People,
    pairs_of,
    weigh,
)
from retention.learning.recommend.goods import Goods, goods_of
from retention.learning.recommend.habits import habits_of
from retention.learning.recommend.hybrid import Hybrid
from retention.learning.recommend.neighbours import rows_of
from retention.learning.recommend.protocol import (
    Arrays,
    NotFitted,
    Params,
    Progress,
    Ranked,
    check_events,
    check_history,
    options,
    silent,
)
from retention.learning.recommend.ranker import Ranker, TooFewExamples

# So many customers' candidates are weighed at once: about 100 MB.
CUSTOMERS_AT_ONCE = 1024


@dataclass(kw_only=True, eq=False)
class LearnedHybrid:
    """Candidates as Hybrid finds them, ordered by log-odds of being taken within the horizon.

    depth : how far down each model's list candidates are taken.
    horizon_days, windows : the ranker learns from so many windows of that length before at_day,
    each judged by models that saw nothing of it.
    examples : at most so many customers of a window, drawn.
    smoothing, fewest, max_rows : as Ranker takes them. ridge : as `predict_factors`.
    options : as Hybrid takes them.
    """

    options: dict[str, Params] = field(default_factory=dict)
    depth: int = 100
    horizon_days: float = 28.0
    windows: int = 1
    examples: int = 3000
    smoothing: float = 15.0
    fewest: int = 200
    max_rows: int = 200_000
    ridge: float = 1.0
    seed: int = 0

    candidates_: Hybrid = field(init=False, repr=False)
    goods_: Goods = field(init=False, repr=False)
    ranker_: Ranker | None = field(init=False, repr=False)

    def fit(
        self,
        interactions: Interactions,
        *,
        at_day: float,
        progress: Progress = silent,
        content: FloatArray | None = None,
        prices: DoubleArray | None = None,
        candidates: Candidates | None = None,
    ) -> Self:
        """Learn candidates before each window, an order from it, then candidates from all.

        content : (n_products, d) as `describe` gives it. prices : (n_products,) nan where unknown.
        candidates : of these events and this content, where they are shared by several fits.
        """
        check_events(interactions, at_day)
        candidates = candidates or Candidates.of(interactions, content, options(self))
        rng = np.random.default_rng(self.seed)
        found, taken = [], []
        for window in range(self.windows, 0, -1):
            progress(self.windows - window, self.windows + 1, "learning what comes true")
            at = at_day - window * self.horizon_days
            asked = question(interactions, Cutoff(at, at + self.horizon_days))
            drawn = np.sort(rng.permutation(len(asked.customers))[: self.examples])
            if not len(drawn):
                continue
            self.candidates_ = candidates.on(at)
            self.goods_ = goods_of(interactions, at_day=at, content=content, prices=prices)
            pairs, x = self._weighed(asked.customers[drawn])
            found.append(x)
            taken.append(pairs.taken(asked.relevant[drawn]))
        self.ranker_ = self._order(found, taken, rng)
        progress(self.windows, self.windows + 1, "learning what goes together")
        self.candidates_ = candidates.on(at_day)
        self.goods_ = goods_of(interactions, at_day=at_day, content=content, prices=prices)
        progress(self.windows + 1, self.windows + 1, "ready")
        return self

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The best for customers known at fit; what is popular for the others."""
        blend = self.blend(customers, k=k, exclude=exclude, allowed=allowed)
        return blend.products, blend.scores

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The best for anyone, from any history."""
        blend = self.blend_from(history, at_day=at_day, k=k, exclude=exclude, allowed=allowed)
        return blend.products, blend.scores

    def blend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Blend:
        """`recommend`, with who found what and what speaks for it."""
        lists = self._fitted().lists(
            customers, depth=max(self.depth, k), exclude=exclude, allowed=allowed
        )
        return self._ordered(lists, self._known(customers), k)

    def blend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Blend:
        """`recommend_from`, with who found what and what speaks for it."""
        hybrid = self._fitted()
        check_history(history, len(self.goods_.table))
        lists = hybrid.lists_from(
            history, at_day=at_day, depth=max(self.depth, k), exclude=exclude, allowed=allowed
        )
        return self._ordered(lists, self._given(history, at_day), k)

    @property
    def models_(self) -> dict[str, Any]:
        """The models that find candidates, by name."""
        return self._fitted().models_

    def params(self) -> Params:
        """The options, each model's own among them."""
        hybrid = self._fitted().params()
        return {**options(self), "options": hybrid["options"]}

    def arrays(self) -> Arrays:
        """Every model's arrays, the products' features and the ranker's curves."""
        candidates = {f"models.{name}": each for name, each in self._fitted().arrays().items()}
        curves = {} if self.ranker_ is None else self.ranker_.arrays()
        return {
            **candidates,
            **{f"ranker.{name}": each for name, each in curves.items()},
            "goods": self.goods_.table,
            "content": self.goods_.content,
        }

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        inside: dict[str, Arrays] = {"models": {}, "ranker": {}}
        for name, array in arrays.items():
            group, _, rest = name.partition(".")
            if rest:
                inside[group][rest] = array
        blank = Hybrid(options=model.options, depth=model.depth)
        model.candidates_ = Hybrid.from_arrays(
            {**options(blank), "options": model.options}, inside["models"]
        )
        model.goods_ = Goods(arrays["goods"], arrays["content"])
        ranker = Ranker.from_arrays(inside["ranker"]) if inside["ranker"] else None
        # One that weighs other features, of an earlier version, is no ranker of these.
        model.ranker_ = ranker if ranker and ranker.width == len(FEATURES) else None
        return model

    def _order(
        self, found: list[DoubleArray], taken: list[BoolArray], rng: np.random.Generator
    ) -> Ranker | None:
        """The ranker, or None where too little came true."""
        if not found:
            return None
        try:
            ranker = Ranker(smoothing=self.smoothing, fewest=self.fewest, max_rows=self.max_rows)
            return ranker.fit(np.concatenate(found), np.concatenate(taken), rng=rng)
        except TooFewExamples:
            return None

    def _weighed(self, customers: IntArray) -> tuple[Pairs, DoubleArray]:
        lists = self.candidates_.lists(customers, depth=self.depth, exclude=None, allowed=None)
        pairs = pairs_of(lists, len(self.goods_.table))
        return pairs, self._weigh(pairs, self._known(customers))

    def _weigh(self, pairs: Pairs, people: People) -> DoubleArray:
        models = self.candidates_.models_
        return weigh(
            pairs,
            people,
            self.goods_,
            again=models["buy_again"],
            near=models["neighbours"],
            taste=models["taste"],
        )

    def _known(self, customers: IntArray) -> People:
        models = self.candidates_.models_
        again, near, taste = models["buy_again"], models["neighbours"], models["taste"]
        return People(
            habits=again.habits_.of_customers(customers),
            history=rows_of(near.history_, customers),
            factors=taste.factors_of(customers),
            at_day=again.at_day_,
        )

    def _given(self, history: Interactions, at_day: float) -> People:
        models = self.candidates_.models_
        again, near, taste = models["buy_again"], models["neighbours"], models["taste"]
        faded = history.matrix(at_day, half_life_days=near.history_half_life_days)
        liked = history.matrix(at_day, half_life_days=taste.history_half_life_days)
        return People(
            habits=habits_of(history, at_day=at_day, half_life_days=again.half_life_days),
            history=faded,
            factors=taste.fold_in(liked),
            at_day=at_day,
        )

    def _ordered(self, lists: IntArray, people: People, k: int) -> Blend:
        fused = self.candidates_.fuse(lists, k)
        ranker = self.ranker_
        some = np.flatnonzero(fused.personalised).astype(np.int32)
        if ranker is None or not len(some):
            return fused
        products, scores = fused.products.copy(), fused.scores.copy()
        parts = Parts.unknown(len(products), k, len(FEATURES))
        for start in range(0, len(some), CUSTOMERS_AT_ONCE):
            rows = some[start : start + CUSTOMERS_AT_ONCE]
            pairs = pairs_of(lists[rows], len(self.goods_.table))
            x = self._weigh(pairs, people.of(rows))
            odds = ranker.scores(x)
            ranked, chosen = pairs.best(odds, n=len(rows), k=k)
            products[rows], scores[rows] = ranked, np.where(chosen >= 0, odds[chosen], np.nan)
            owners, places = np.nonzero(chosen >= 0)
            there, figures = (rows[owners], places), x[chosen[owners, places]]
            parts.base[there], parts.figures[there] = ranker.base(figures), figures
            parts.effects[there] = ranker.effects(figures)
        return replace(self.candidates_.told(lists, products, scores), parts=parts)

    def _fitted(self) -> Hybrid:
        if not hasattr(self, "ranker_"):
            raise NotFitted("LearnedHybrid has learned nothing yet: call fit() first.")
        return self.candidates_
