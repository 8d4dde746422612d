"""What goes with what: products by the customers, or baskets, they share."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray, Interactions
from retention.learning.recommend.cooccurrence import nearest
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
from retention.learning.recommend.selection import check_filters, known_rows, nothing, top_sparse
from retention.learning.recommend.threads import over
from retention.learning.recommend.weighting import Weighting, weighted
from retention.learning.together import cut


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest products of each product asked about, with the evidence: "31 of 120".

    products, scores : (n, k), ending in -1, nan.
    together : (n, k) how many customers, or baskets, had both; 0 where the list has ended.
    first : (n,) how many had the product asked about.
    """

    products: IntArray
    scores: FloatArray
    together: IntArray
    first: IntArray


@dataclass(kw_only=True, eq=False)
class ItemNeighbours:
    """The nearest products of each product, by cosine of their weighted customers.

    neighbours : how many each product keeps. weighting : see `weighted`.
    own : what having bought a product counts for itself, where a neighbour counts its cosine.
    shrinkage : a similarity seen in n shared customers counts n / (n + shrinkage).
    half_life_days : how fast training events fade; history_half_life_days the same for the
        history that is recommended from.

    Rows of the interactions may be customers ("also bought") or baskets ("goes with").
    """

    neighbours: int = 50
    weighting: Weighting = "tfidf"
    own: float = 3.0
    shrinkage: float = 0.0
    half_life_days: float | None = 120.0
    history_half_life_days: float | None = 90.0
    threads: int | None = None

    similarity_: Csr = field(init=False, repr=False)
    together_: IntArray = field(init=False, repr=False)
    buyers_: IntArray = field(init=False, repr=False)
    history_: Csr = field(init=False, repr=False)

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Compare the products and keep every customer's faded history."""
        if self.neighbours < 1 or self.shrinkage < 0 or self.own < 0:
            raise ValueError(
                "neighbours must be 1 or more, shrinkage and own not negative; they are "
                f"{self.neighbours!r}, {self.shrinkage!r}, {self.own!r}."
            )
        check_events(interactions, at_day)
        taste = interactions.matrix(at_day, half_life_days=self.half_life_days)
        found = nearest(
            weighted(taste, self.weighting),
            keep=self.neighbours,
            shrinkage=self.shrinkage,
            threads=self.threads,
            progress=progress,
        )
        self.similarity_, self.together_ = found.similarity, found.together
        self.buyers_ = found.buyers
        self.history_ = interactions.matrix(at_day, half_life_days=self.history_half_life_days)
        return self

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From the history known at fit. Empty for customers without one."""
        self._fitted()
        rows = rows_of(self.history_, customers)
        return self.recommend_rows(rows, k=k, exclude=exclude, allowed=allowed)

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From any history: sums of the similarities to what was taken."""
        check_history(history, self._fitted().shape[0])
        rows = history.matrix(at_day, half_life_days=self.history_half_life_days)
        return self.recommend_rows(rows, k=k, exclude=exclude, allowed=allowed)

    def recommend_rows(
        self,
        rows: Csr,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From histories as weights (n, n_products), a block of customers at a time."""
        similarity = self._fitted()
        check_filters(*rows.shape, exclude, allowed)
        blocks = cut(rows.indptr[1:].astype(np.int64) * (self.neighbours + 1))

        def work(block: slice) -> Ranked:
            scores = summed(rows[block], similarity) + self.own * rows[block]
            barred = None if exclude is None else exclude[block]
            return top_sparse(scores, k=k, exclude=barred, allowed=allowed)

        parts = over(blocks, work, threads=self.threads) or [nothing(0, k)]
        return np.concatenate([p for p, _ in parts]), np.concatenate([s for _, s in parts])

    def similar(
        self, products: IntArray, *, k: int, allowed: BoolArray | None = None
    ) -> Neighbours:
        """The nearest products of each product, and how many customers say so."""
        similarity = self._fitted()
        ranked, scores = top_sparse(rows_of(similarity, products), k=k, allowed=allowed)
        together = np.zeros(ranked.shape, np.int32)
        for row in np.flatnonzero(ranked[:, 0] >= 0):
            start, stop = similarity.indptr[products[row]], similarity.indptr[products[row] + 1]
            chosen = ranked[row][ranked[row] >= 0]
            places = start + np.searchsorted(similarity.indices[start:stop], chosen)
            together[row, : len(chosen)] = self.together_[places]
        rows, known = known_rows(products, len(self.buyers_))
        return Neighbours(ranked, scores, together, self.buyers_[rows] * known)

    def because(self, customers: IntArray, products: IntArray) -> IntArray:
        """The product in customer i's history that most speaks for products[i, j]; -1 for none.

        Only customers known at fit have a history here. (n, k) like products.
        """
        self._fitted()
        return self.because_rows(rows_of(self.history_, customers), products)

    def because_rows(self, histories: Csr, products: IntArray) -> IntArray:
        """The same for any histories, as weights (n, n_products)."""
        reasons = np.full(products.shape, -1, np.int32)
        for row in np.flatnonzero(np.diff(histories.indptr)):
            there = slice(histories.indptr[row], histories.indptr[row + 1])
            taken, weights = histories.indices[there], histories.data[there]
            shown = np.flatnonzero(products[row] >= 0)
            parts = self.similarity_[taken][:, products[row, shown]].toarray() * weights[:, None]
            strongest = parts.argmax(axis=0)
            speaks = parts[strongest, np.arange(len(shown))] > 0
            reasons[row, shown] = np.where(speaks, taken[strongest], -1)
        return reasons

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """The similarities with their counts, and the histories."""
        similarity = self._fitted()
        return {
            "similarity": similarity.data,
            "similar": similarity.indices,
            "similar_starts": similarity.indptr,
            "together": self.together_,
            "buyers": self.buyers_,
            "history": self.history_.data,
            "taken": self.history_.indices,
            "taken_starts": self.history_.indptr,
        }

    def without_histories(self) -> Arrays:
        """The arrays as of a model that knows nobody: enough for `similar` and for any history."""
        nobody = {"history": self.history_.data[:0], "taken": self.history_.indices[:0]}
        return self.arrays() | nobody | {"taken_starts": self.history_.indptr[:1]}

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        n = len(arrays["buyers"])
        similarity = (arrays["similarity"], arrays["similar"], arrays["similar_starts"])
        history = (arrays["history"], arrays["taken"], arrays["taken_starts"])
        model.similarity_ = csr_array(similarity, shape=(n, n))
        model.history_ = csr_array(history, shape=(len(arrays["taken_starts"]) - 1, n))
        model.together_, model.buyers_ = arrays["together"], arrays["buyers"]
        return model

    def _fitted(self) -> Csr:
        if not hasattr(self, "similarity_"):
            raise NotFitted("ItemNeighbours has learned nothing yet: call fit() first.")
        return self.similarity_


def rows_of(matrix: Csr, rows: IntArray) -> Csr:
    """Rows of a matrix in the order asked, 0 where the row is unknown."""
    safe, known = known_rows(rows, matrix.shape[0])
    taken = matrix[safe]
    taken.data = taken.data * np.repeat(known, np.diff(taken.indptr))
    return taken


def summed(rows: Csr, similarity: Csr) -> Csr:
    """rows (n, m) @ similarity (m, m) with rising columns.

    A product of sparse matrices walks a table as wide as the catalogue; of few rows only the
    columns they reach are looked at, with the same sums to the byte.
    """
    near = similarity[rows.indices]
    if near.nnz > similarity.shape[1]:
        found = (rows @ similarity).tocsr()
        found.sort_indices()
        return found
    columns, places = np.unique(near.indices, return_inverse=True)
    narrow = csr_array((near.data, places, near.indptr), shape=(near.shape[0], len(columns)))
    every = np.arange(near.shape[0])
    found = csr_array((rows.data, every, rows.indptr), shape=(rows.shape[0], len(every))) @ narrow
    found.sort_indices()
    return csr_array((found.data, columns[found.indices], found.indptr), shape=rows.shape)
