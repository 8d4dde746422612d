"""What is served: the other models' lists fused by rank, with who found what."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import coo_array

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
    Interactions,
)
from retention.learning.recommend.als import ImplicitALS
from retention.learning.recommend.blend import Blend
from retention.learning.recommend.buy_again import BuyAgain
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.recommend.popularity import RecentPopularity
from retention.learning.recommend.protocol import (
    Arrays,
    NotFitted,
    Params,
    Progress,
    Ranked,
    Recommender,
    silent,
)
from retention.learning.recommend.selection import nothing, top_sparse

# So many customers' lists are fused at once: about 50 MB at a depth of 100.
CUSTOMERS_AT_ONCE = 4096


@dataclass(kw_only=True, eq=False)
class Hybrid:
    """Reciprocal-rank fusion (Cormack, Clarke and Buettcher 2009), each model with a weight.

    A product scores the sum over models of weight / (damping + its rank there). Popularity weighs
    little: it settles ties, fills short lists and is all that a stranger gets.
    depth : how far down each model's list is read.
    """

    KINDS: ClassVar[dict[str, type[Any]]] = {
        "buy_again": BuyAgain,
        "neighbours": ItemNeighbours,
        "taste": ImplicitALS,
        "popularity": RecentPopularity,
    }

    weights: dict[str, float] = field(
        default_factory=lambda: {
            "buy_again": 1.0,
            "neighbours": 0.5,
            "taste": 0.5,
            "popularity": 0.1,
        }
    )
    options: dict[str, Params] = field(default_factory=dict)
    damping: float = 10.0
    depth: int = 100

    models_: dict[str, Any] = field(init=False, repr=False)

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Fit every model that has a weight; options[name] holds its options."""
        self._check_options()
        models: dict[str, Recommender] = {}
        for done, name in enumerate(self.weights):
            progress(done, len(self.weights), f"learning {name.replace('_', ' ')}")
            model = self.KINDS[name](**self.options.get(name, {}))
            models[name] = model.fit(interactions, at_day=at_day)
        progress(len(models), len(models), "ready")
        self.models_ = models
        return self

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The fused lists of customers known at fit; what is popular for the others."""
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
        """The fused lists of anyone, from any history."""
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
        """`recommend`, and who found what."""
        depth = max(self.depth, k)
        return self.fuse(self.lists(customers, depth=depth, exclude=exclude, allowed=allowed), k)

    def blend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Blend:
        """`recommend_from`, and who found what."""
        depth = max(self.depth, k)
        lists = self.lists_from(
            history, at_day=at_day, depth=depth, exclude=exclude, allowed=allowed
        )
        return self.fuse(lists, k)

    def lists(
        self, customers: IntArray, *, depth: int, exclude: Csr | None, allowed: BoolArray | None
    ) -> IntArray:
        """Each model's list of customers known at fit, (n, depth, m), -1 where it has ended."""
        return np.stack(
            [
                model.recommend(customers, k=depth, exclude=exclude, allowed=allowed)[0]
                for model in self._fitted().values()
            ],
            axis=2,
        )

    def lists_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        depth: int,
        exclude: Csr | None,
        allowed: BoolArray | None,
    ) -> IntArray:
        """The same from any history."""
        return np.stack(
            [
                model.recommend_from(
                    history, at_day=at_day, k=depth, exclude=exclude, allowed=allowed
                )[0]
                for model in self._fitted().values()
            ],
            axis=2,
        )

    def params(self) -> Params:
        """Weights and damping, and each model's own options."""
        models = self._fitted()
        return {
            "weights": dict(self.weights),
            "options": {name: model.params() for name, model in models.items()},
            "damping": self.damping,
            "depth": self.depth,
        }

    def arrays(self) -> Arrays:
        """Every model's arrays, named model.array."""
        return {
            f"{name}.{key}": array
            for name, model in self._fitted().items()
            for key, array in model.arrays().items()
        }

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        hybrid = cls(**params)
        hybrid.models_ = {
            name: cls.KINDS[name].from_arrays(
                hybrid.options[name],
                {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith(f"{name}.")},
            )
            for name in hybrid.weights
        }
        return hybrid

    def fuse(self, lists: IntArray, k: int) -> Blend:
        """The k best by rank of lists (n, depth, m)."""
        starts = range(0, len(lists), CUSTOMERS_AT_ONCE)
        blocks = [lists[start : start + CUSTOMERS_AT_ONCE] for start in starts]
        fused = [self._fuse_block(block, k) for block in blocks] or [nothing(0, k)]
        products = np.concatenate([ranked for ranked, _ in fused])
        return self.told(lists, products, np.concatenate([scores for _, scores in fused]))

    def told(self, lists: IntArray, products: IntArray, scores: FloatArray) -> Blend:
        """Chosen products (n, k) and where the models' lists had them."""
        starts = range(0, len(lists), CUSTOMERS_AT_ONCE)
        ranks = np.concatenate(
            [np.zeros((0, products.shape[1], lists.shape[2]), np.int32)]
            + [
                _ranks(lists[at : at + CUSTOMERS_AT_ONCE], products[at : at + CUSTOMERS_AT_ONCE])
                for at in starts
            ]
        )
        strongest = self._worth(ranks).argmax(axis=2)
        personal = [index for index, name in enumerate(self.weights) if name != "popularity"]
        return Blend(
            products=products,
            scores=scores,
            names=tuple(self.weights),
            ranks=ranks,
            found_by=np.where(products >= 0, strongest, -1).astype(np.int32),
            personalised=np.any(lists[:, :1, personal] >= 0, axis=2)[:, 0],
        )

    def _fuse_block(self, lists: IntArray, k: int) -> Ranked:
        """lists : (n, depth, m) products, -1 where a list has ended."""
        ranks = np.broadcast_to(np.arange(1, lists.shape[1] + 1)[:, None], lists.shape)
        customers = np.broadcast_to(np.arange(len(lists))[:, None, None], lists.shape)
        there = lists >= 0
        cells = (customers[there], lists[there])
        shape = (len(lists), int(lists.max(initial=0)) + 1)
        scores = coo_array((self._worth(ranks)[there], cells), shape=shape)
        return top_sparse(scores.tocsr().astype(np.float32), k=k)

    def _worth(self, ranks: IntArray) -> DoubleArray:
        """What a rank (..., m) adds to a product's score; 0 for no rank."""
        weights = np.array(list(self.weights.values()))
        worth: DoubleArray = np.where(ranks > 0, weights / (self.damping + ranks), 0)
        return worth

    def _fitted(self) -> dict[str, Recommender]:
        if not hasattr(self, "models_"):
            raise NotFitted("Hybrid has learned nothing yet: call fit() first.")
        return self.models_

    def _check_options(self) -> None:
        unknown = sorted({*self.weights, *self.options} - set(self.KINDS))
        if unknown or not self.weights or min(self.weights.values()) <= 0:
            raise ValueError(
                f"weights must be above 0 and name some of {', '.join(self.KINDS)}; "
                f"unknown: {', '.join(unknown) or 'none'}, weights: {self.weights}."
            )
        if not (self.damping >= 0 and self.depth >= 1):
            raise ValueError(
                f"damping must not be negative and depth 1 or more, they are {self.damping!r} "
                f"and {self.depth!r}."
            )


def _ranks(lists: IntArray, products: IntArray) -> IntArray:
    """The place, from 1, of products (n, k) in lists (n, depth, m); 0 where they are not."""
    ranks = np.zeros((*products.shape, lists.shape[2]), np.int32)
    for model in range(lists.shape[2]):
        same = (products[:, :, None] == lists[:, None, :, model]) & (products[:, :, None] >= 0)
        ranks[:, :, model] = np.where(same.any(axis=2), same.argmax(axis=2) + 1, 0)
    return ranks
