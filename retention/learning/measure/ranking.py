"""How good is each customer's list, over the full catalogue?"""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
    Interactions,
)


class TooLittleHistory(ValueError):
    """The events do not span what was asked; the message says what is missing."""


@dataclass(frozen=True)
class Cutoff:
    """Learn from before at_day, judge on [at_day, until_day)."""

    at_day: float
    until_day: float


@dataclass(frozen=True, eq=False)
class Question:
    """Who is asked about at a cut-off, and what they did afterwards.

    customers : (n,) rows that bought after the cut-off and were known before it.
    relevant : (n, n_products) what they took in the window.
    seen : (n, n_products) what they had taken before.
    popularity : (n_products,) share of all customers known before who had taken it.
    """

    customers: IntArray
    relevant: Csr
    seen: Csr
    popularity: FloatArray

    def only_new(self) -> Self:
        """The same about products new to the customer; who took none of those is left out."""
        fresh = without_cells(self.relevant, self.seen)
        some = np.flatnonzero(np.diff(fresh.indptr))
        return replace(
            self, customers=self.customers[some], relevant=fresh[some], seen=self.seen[some]
        )


@dataclass(frozen=True, eq=False)
class Scores:
    """Each customer's own figures, (n,) float64 each, and what was shown, (n, k)."""

    ndcg: DoubleArray
    recall: DoubleArray
    average_precision: DoubleArray
    novelty: DoubleArray
    new_share: DoubleArray
    diversity: DoubleArray
    shown: IntArray
    n_products: int

    def of(self, rows: BoolArray) -> Self:
        """The scores of some customers, (n,) bool."""
        kept = {
            each.name: getattr(self, each.name)[rows]
            for each in fields(self)
            if each.name != "n_products"
        }
        return replace(self, **kept)


def question(interactions: Interactions, cutoff: Cutoff) -> Question:
    """What a cut-off asks of a recommender."""
    seen = interactions.matrix(cutoff.at_day)
    later = interactions.between(cutoff.at_day, cutoff.until_day).matrix(np.inf)
    known = np.diff(seen.indptr) > 0
    customers = np.flatnonzero(known & (np.diff(later.indptr) > 0)).astype(np.int32)
    buyers = np.bincount(seen.indices, minlength=interactions.n_products)
    popularity = buyers / max(int(np.count_nonzero(known)), 1)
    return Question(customers, later[customers], seen[customers], popularity.astype(np.float32))


def score(
    recommended: IntArray,
    asked: Question,
    *,
    k: int = 10,
    recall_k: int = 20,
    content: FloatArray | None = None,
) -> Scores:
    """Score lists (n, >= recall_k), -1 where a list ends, one for each customer asked.

    nDCG, MAP, coverage, novelty, diversity and new share look at the first k, recall at recall_k.
    content : (n_products, d) rows of length 1 or 0, for diversity.
    Relevance is yes or no; the ideal list has all the relevant products first.
    """
    if recommended.shape[0] != len(asked.customers) or recommended.shape[1] < max(k, recall_k):
        raise ValueError(
            f"Lists of {max(k, recall_k)} for {len(asked.customers)} customers are needed, "
            f"got {recommended.shape}."
        )
    hits = contains(asked.relevant, recommended)
    sizes = np.diff(asked.relevant.indptr)
    shown = recommended[:, :k]
    there = shown >= 0
    length = there.sum(axis=1).clip(1)
    unlikely = -np.log2(asked.popularity.clip(1 / (2 * max(len(asked.customers), 1))))
    return Scores(
        ndcg=_ndcg(hits[:, :k], sizes),
        recall=hits[:, :recall_k].sum(axis=1) / sizes.clip(1),
        average_precision=_average_precision(hits[:, :k], sizes),
        novelty=np.where(there, unlikely[shown], 0).sum(axis=1) / length,
        new_share=(there & ~contains(asked.seen, shown)).sum(axis=1) / length,
        diversity=_diversity(shown, content),
        shown=shown,
        n_products=asked.relevant.shape[1],
    )


def visits(interactions: Interactions, at_day: float, customers: IntArray) -> IntArray:
    """On how many days each customer (n,) had bought before a day."""
    known = interactions.before(at_day)
    days = np.unique(np.column_stack([known.customers, np.floor(known.times)]), axis=0)[:, 0]
    counts = np.bincount(days.astype(np.int64), minlength=interactions.n_customers)
    return counts[customers].astype(np.int32)


def contains(cells: Csr, columns: IntArray) -> BoolArray:
    """Whether row i of a sparse matrix holds columns[i, j]; a column of -1 is never held."""
    asked = np.arange(len(columns))[:, None] * cells.shape[1] + columns
    return np.isin(asked, _cells(cells)) & (columns >= 0)


def _cells(matrix: Csr) -> NDArray[np.int64]:
    """One number for each stored cell."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices


def without_cells(matrix: Csr, removed: Csr) -> Csr:
    """The matrix without the cells that another one of the same shape holds."""
    kept = matrix.copy()
    kept.data = kept.data * ~np.isin(_cells(matrix), _cells(removed))
    kept.eliminate_zeros()
    return kept


def _ndcg(hits: BoolArray, sizes: IntArray) -> DoubleArray:
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.append(0, np.cumsum(discounts))[np.minimum(sizes, hits.shape[1])]
    gains: DoubleArray = (hits @ discounts) / np.where(ideal > 0, ideal, 1)
    return gains


def _average_precision(hits: BoolArray, sizes: IntArray) -> DoubleArray:
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    best = np.minimum(sizes, hits.shape[1]).clip(1)
    averages: DoubleArray = (precision * hits).sum(axis=1) / best
    return averages


def _diversity(shown: IntArray, content: FloatArray | None) -> DoubleArray:
    """1 less the mean cosine of the pairs of each list (n, k); nan for fewer than two products.

    Of k vectors that add up to s, the pairs' cosines add up to (|s|² - Σ|v|²) / 2.
    """
    diversity = np.full(len(shown), np.nan)
    if content is None:
        return diversity
    for row, products in enumerate(shown):
        vectors = content[products[products >= 0]].astype(np.float64)
        pairs = len(vectors) * (len(vectors) - 1)
        if pairs:
            diversity[row] = 1 - ((vectors.sum(axis=0) ** 2).sum() - (vectors**2).sum()) / pairs
    return diversity
