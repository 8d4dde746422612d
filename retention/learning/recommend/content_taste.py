"""Like what you took: products nobody may have bought yet, by what they are."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray, Interactions
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
from retention.learning.recommend.selection import check_filters, known_rows, nothing, top_dense

# A block of scores: 32 MB of float32.
BLOCK_FLOATS = 1 << 23


@dataclass(kw_only=True, eq=False)
class ContentTaste:
    """Products by the cosine of their content with the mean of what a customer took.

    half_life_days : how fast a history fades; the root of a product's faded weight counts.
    """

    half_life_days: float | None = 90.0

    content_: FloatArray = field(init=False, repr=False)
    history_: Csr = field(init=False, repr=False)

    def fit(
        self,
        interactions: Interactions,
        *,
        at_day: float,
        progress: Progress = silent,
        content: FloatArray | None = None,
    ) -> Self:
        """content : (n_products, d) rows of length 1 or 0, as `describe` gives them."""
        check_events(interactions, at_day)
        if content is None or len(content) != interactions.n_products:
            raise ValueError(
                f"content must hold a row for each of {interactions.n_products} products; "
                "describe() makes it."
            )
        self.content_ = content
        self.history_ = interactions.matrix(at_day, half_life_days=self.half_life_days)
        progress(1, 1, "reading what products are")
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
        return self._rank(rows_of(self.history_, customers), k, exclude, allowed)

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """From any history."""
        check_history(history, len(self._fitted()))
        rows = history.matrix(at_day, half_life_days=self.half_life_days)
        return self._rank(rows, k, exclude, allowed)

    def similar(self, products: IntArray, *, k: int, allowed: BoolArray | None = None) -> Ranked:
        """The k products most alike to each, never itself; 4 bytes a product and a row at once."""
        table = self._fitted()
        rows, known = known_rows(products, len(table))
        itself = (np.ones(len(rows), np.float32), rows, np.arange(len(rows) + 1))
        exclude = csr_array(itself, shape=(len(rows), len(table)))
        return self._best(table[rows] * known[:, None], k, exclude, allowed)

    def because(self, row: Csr, product: int) -> tuple[IntArray, FloatArray]:
        """What each product of a history (1, n_products) adds to a product's cosine, exactly."""
        content = self._fitted()
        profile = _profiles(row, content)[0]
        parts = np.sqrt(row.data) * (content[row.indices] @ content[product])
        length = max(float(np.linalg.norm(profile)), 1e-12)
        return row.indices, (parts / length).astype(np.float32)

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """The content and the histories."""
        return {
            "content": self._fitted(),
            "history": self.history_.data,
            "taken": self.history_.indices,
            "taken_starts": self.history_.indptr,
        }

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        model.content_ = arrays["content"]
        history = (arrays["history"], arrays["taken"], arrays["taken_starts"])
        shape = (len(arrays["taken_starts"]) - 1, len(model.content_))
        model.history_ = csr_array(history, shape=shape)
        return model

    def _rank(self, rows: Csr, k: int, exclude: Csr | None, allowed: BoolArray | None) -> Ranked:
        check_filters(*rows.shape, exclude, allowed)
        profiles = _profiles(rows, self.content_)
        lengths = np.linalg.norm(profiles, axis=1, keepdims=True)
        return self._best(profiles / lengths.clip(1e-12), k, exclude, allowed)

    def _best(
        self, profiles: FloatArray, k: int, exclude: Csr | None, allowed: BoolArray | None
    ) -> Ranked:
        products, scores = nothing(len(profiles), k)
        told = np.any(self.content_ != 0, axis=1)
        size = max(BLOCK_FLOATS // max(len(self.content_), 1), 1)
        for start in range(0, len(profiles), size):
            rows = slice(start, start + size)
            block = profiles[rows] @ self.content_.T
            block[:, np.flatnonzero(~told)] = -np.inf
            block[~profiles[rows].any(axis=1)] = -np.inf
            barred = None if exclude is None else exclude[rows]
            products[rows], scores[rows] = top_dense(block, k=k, exclude=barred, allowed=allowed)
        return products, scores

    def _fitted(self) -> FloatArray:
        if not hasattr(self, "content_"):
            raise NotFitted("ContentTaste has learned nothing yet: call fit() first.")
        return self.content_


def _profiles(rows: Csr, content: FloatArray) -> FloatArray:
    """Sums of the content of what was taken, (n, d), each by the root of its weight."""
    roots = csr_array((np.sqrt(rows.data), rows.indices, rows.indptr), shape=rows.shape)
    profiles: FloatArray = np.asarray(roots @ content, dtype=np.float32)
    return profiles
