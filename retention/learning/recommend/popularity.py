"""What everyone buys of late: the floor under every other model, and what a stranger is shown."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray, Interactions
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
from retention.learning.recommend.selection import check_filters, nothing


@dataclass(kw_only=True, eq=False)
class RecentPopularity:
    """Weights summed by product, halved every half-life (None: all time alike)."""

    half_life_days: float | None = 14.0

    scores_: FloatArray = field(init=False, repr=False)
    order_: IntArray = field(init=False, repr=False)

    def fit(
        self,
        interactions: Interactions,
        *,
        at_day: float,
        progress: Progress = silent,
    ) -> Self:
        """Add up what sold."""
        check_events(interactions, at_day)
        faded = interactions.matrix(at_day, half_life_days=self.half_life_days)
        self.scores_ = np.asarray(faded.sum(axis=0), dtype=np.float32)
        self.order_ = np.argsort(-self.scores_, kind="stable").astype(np.int32)
        self.order_ = self.order_[: np.count_nonzero(self.scores_)]
        progress(1, 1, "counting what sells")
        return self

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The same list for everyone but for what each is not to see."""
        order = self._order()
        check_filters(len(customers), len(self.scores_), exclude, allowed)
        order = order if allowed is None else order[allowed[order]]
        ranked, scores = nothing(len(customers), k)
        for row in range(len(customers)):
            chosen = order[:k]
            if exclude is not None:
                barred = exclude.indices[exclude.indptr[row] : exclude.indptr[row + 1]]
                chosen = order[: k + len(barred)]
                chosen = chosen[~np.isin(chosen, barred)][:k]
            ranked[row, : len(chosen)] = chosen
            scores[row, : len(chosen)] = self.scores_[chosen]
        return ranked, scores

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The same list again: nobody's history changes it."""
        self._order()
        check_history(history, len(self.scores_))
        nobody = np.full(history.n_customers, -1, np.int32)
        return self.recommend(nobody, k=k, exclude=exclude, allowed=allowed)

    def best_of(
        self, groups: IntArray, *, n_groups: int, k: int, allowed: BoolArray | None = None
    ) -> Ranked:
        """The k best sellers of each group, (n_groups, k).

        groups : (n_products,) the group of each product, -1 for none.
        """
        order = self._order()
        if groups.shape != self.scores_.shape:
            raise ValueError(
                f"groups must hold one row for each of {len(self.scores_)} products, "
                f"not {groups.shape}."
            )
        kept = groups[order] >= 0
        order = order[kept if allowed is None else kept & allowed[order]]
        order = order[np.argsort(groups[order], kind="stable")]
        owners = groups[order]
        rank = np.arange(len(order)) - np.searchsorted(owners, np.arange(n_groups))[owners]
        first = rank < k
        ranked, scores = nothing(n_groups, k)
        ranked[owners[first], rank[first]] = order[first]
        scores[owners[first], rank[first]] = self.scores_[order[first]]
        return ranked, scores

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """Scores and their order."""
        return {"order": self._order(), "scores": self.scores_}

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        model.scores_, model.order_ = arrays["scores"], arrays["order"]
        return model

    def _order(self) -> IntArray:
        if not hasattr(self, "order_"):
            raise NotFitted("RecentPopularity has learned nothing yet: call fit() first.")
        return self.order_
