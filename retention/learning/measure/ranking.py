"""How good are ranked lists, over the full catalogue, and how sure are we?"""

from dataclasses import dataclass, fields, replace
from itertools import pairwise
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
from retention.learning.measure.intervals import Estimate, Statistic, bootstrap


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


@dataclass(frozen=True)
class RankingReport:
    """What a list is worth, with intervals over customers.

    coverage : share of the catalogue that anyone was shown.
    novelty : mean -log2 of the shown products' popularity, in bits.
    new_share : share of the shown products that were new to their customer.
    diversity : 1 less the mean cosine of the pairs in a list; None where no content was given.
    """

    customers: int
    ndcg: Estimate
    recall: Estimate
    mean_average_precision: Estimate
    coverage: Estimate
    novelty: Estimate
    new_share: Estimate
    diversity: Estimate | None


def rolling_cutoffs(interactions: Interactions, *, horizon_days: float, n: int) -> list[Cutoff]:
    """n cut-offs whose windows follow one another up to the last event, the earliest first."""
    if not len(interactions):
        raise TooLittleHistory("There are no events to judge on.")
    first, last = float(interactions.times.min()), float(interactions.times.max())
    end = float(np.nextafter(last, np.inf))
    edges = [end - horizon_days * left for left in range(n, -1, -1)]
    if n < 1 or edges[0] <= first:
        raise TooLittleHistory(
            f"{n} windows of {horizon_days:g} days need more than {n * horizon_days:g} days of "
            f"events, there are {last - first:.0f}."
        )
    return [Cutoff(at_day=start, until_day=until) for start, until in pairwise(edges)]


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


def report(scores: Scores, *, rng: np.random.Generator, resamples: int = 300) -> RankingReport:
    """Means over customers, each with its interval, all from the same resamples."""
    if not len(scores.ndcg):
        raise TooLittleHistory("No known customer bought in the window: nothing to judge on.")
    means = ("ndcg", "recall", "average_precision", "novelty", "new_share")
    statistics = {name: _mean_of(getattr(scores, name)) for name in means}
    told = ~np.isnan(scores.diversity)
    if told.any():
        statistics["diversity"] = _mean_of(np.where(told, scores.diversity, 0), told)
    found = bootstrap(len(scores.ndcg), statistics, rng=rng, resamples=resamples)
    return RankingReport(
        customers=len(scores.ndcg),
        ndcg=found["ndcg"],
        recall=found["recall"],
        mean_average_precision=found["average_precision"],
        coverage=_coverage(scores, rng=rng, resamples=resamples),
        novelty=found["novelty"],
        new_share=found["new_share"],
        diversity=found.get("diversity"),
    )


def visits(interactions: Interactions, at_day: float, customers: IntArray) -> IntArray:
    """On how many days each customer (n,) had bought before a day."""
    known = interactions.before(at_day)
    days = np.unique(np.column_stack([known.customers, np.floor(known.times)]), axis=0)[:, 0]
    counts = np.bincount(days.astype(np.int64), minlength=interactions.n_customers)
    return counts[customers].astype(np.int32)


def by_group(scores: Scores, days: IntArray) -> dict[str, Scores]:
    """Of customers who had bought on one day (new), two to four (casual), or more (loyal)."""
    groups = {"new": days < 2, "casual": (days >= 2) & (days < 5), "loyal": days >= 5}
    return {name: scores.of(rows) for name, rows in groups.items()}


def difference(
    ours: DoubleArray, theirs: DoubleArray, *, rng: np.random.Generator, resamples: int = 300
) -> Estimate:
    """Ours less theirs, paired: the same customers, (n,) each, resampled together."""
    if ours.shape != theirs.shape:
        raise ValueError(
            f"A paired difference needs the same customers: {ours.shape} against {theirs.shape}."
        )
    statistics = {"difference": _mean_of(ours - theirs)}
    return bootstrap(len(ours), statistics, rng=rng, resamples=resamples)["difference"]


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


def _mean_of(values: DoubleArray, counted: BoolArray | None = None) -> Statistic:
    if counted is None:
        return lambda weights: float(weights @ values / weights.sum())
    return lambda weights: float(weights @ values / max(weights[counted].sum(), 1))


def _coverage(scores: Scores, *, rng: np.random.Generator, resamples: int) -> Estimate:
    """Distinct products shown over the catalogue.

    A resample leaves a third of the customers out, so all of them show fewer products than the
    whole: their spread is kept, moved to the value.
    """

    def covered(shown: IntArray) -> float:
        times = np.bincount(shown.ravel() + 1, minlength=scores.n_products + 1)
        return int(np.count_nonzero(times[1:])) / scores.n_products

    n = len(scores.shown)
    drawn = np.array([covered(scores.shown[rng.integers(n, size=n)]) for _ in range(resamples)])
    value = covered(scores.shown)
    low, high = value + np.quantile(drawn, [0.025, 0.975]) - drawn.mean()
    return Estimate(value, max(float(low), 0.0), min(float(high), 1.0))
