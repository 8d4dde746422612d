"""How many groups there are: those that show (silhouette) and that come back (stability)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from threadpoolctl import threadpool_limits

from retention.learning.panel import FloatArray, IntArray

# Agreement of two halves from which a grouping counts as found and not as drawn.
STABLE: Final = 0.8
# Of the stable numbers, one that shows nearly as well but tells more is the better one.
_NEARLY: Final = 0.9
# The serving number stays while it shows at least so well against the best.
_STILL_GOOD: Final = 0.75
_SILHOUETTE_ROWS: Final = 2_000
_STABILITY_ROWS: Final = 10_000
_PAIRS: Final = 3


@dataclass(frozen=True)
class KChoice:
    """One number of groups. silhouette : -1 to 1. stability : mean adjusted Rand index, 1 same."""

    k: int
    silhouette: float
    stability: float


def choose_k(
    points: FloatArray, *, ks: Sequence[int], rng: Generator, current: int | None = None
) -> tuple[tuple[KChoice, ...], int]:
    """Every number tried, and the one to use.

    Of the stable ones the largest whose silhouette is within a tenth of the best; if none is
    stable, the most stable. current : the serving number, which stays while it fits.
    """
    distinct = len(np.unique(points, axis=0))
    tried = sorted({k for k in (*ks, *([current] if current else [])) if 2 <= k < distinct})
    if not tried:
        return (), min(len(points), max(1, distinct))
    choices = tuple(_try(points, k, rng) for k in tried)
    best = max(choice.silhouette for choice in choices)
    for choice in choices:
        if choice.k == current and choice.silhouette >= _STILL_GOOD * best:
            return choices, choice.k
    stable = [choice for choice in choices if choice.stability >= STABLE]
    if not stable:
        return choices, max(choices, key=lambda choice: choice.stability).k
    enough = _NEARLY * max(choice.silhouette for choice in stable)
    return choices, max(choice.k for choice in stable if choice.silhouette >= enough)


def k_means(
    points: FloatArray, k: int, *, rng: Generator, start: FloatArray | None = None
) -> FloatArray:
    """Centres (k, m) by Lloyd's algorithm, from k-means++ or from given ones."""
    from sklearn.cluster import KMeans  # It would be most of every process's start.

    search = KMeans(
        n_clusters=k,
        init="k-means++" if start is None else start,
        n_init=4 if start is None else 1,
        random_state=int(rng.integers(2**31)),
    )
    # One thread: sums in a fixed order, so that the same seed gives the same bytes.
    with threadpool_limits(limits=1):
        centres: FloatArray = search.fit(points).cluster_centers_
    return centres


def _try(points: FloatArray, k: int, rng: Generator) -> KChoice:
    from sklearn.metrics import silhouette_score

    sample = _sample(points, _STABILITY_ROWS, rng)
    shown = sample[:_SILHOUETTE_ROWS]
    labels = _nearest(shown, k_means(sample, k, rng=rng))
    shows = len(np.unique(labels)) > 1
    silhouette = float(silhouette_score(shown, labels)) if shows else 0.0
    return KChoice(k, silhouette, _stability(sample, k, rng))


def _stability(sample: FloatArray, k: int, rng: Generator) -> float:
    """Agreement on all of groupings learned from two halves that share nobody."""
    from sklearn.metrics import adjusted_rand_score

    agreement = []
    for _ in range(_PAIRS):
        mixed = rng.permutation(len(sample))
        halves = np.array_split(mixed, 2)
        if min(len(half) for half in halves) < k:
            return 0.0
        one, two = (_nearest(sample, k_means(sample[half], k, rng=rng)) for half in halves)
        agreement.append(adjusted_rand_score(one, two))
    return float(np.mean(agreement))


def _nearest(points: FloatArray, centres: FloatArray) -> IntArray:
    score = (centres**2).sum(axis=1) - 2 * points @ centres.T
    nearest: IntArray = np.argmin(score, axis=1)
    return nearest


def _sample(points: FloatArray, most: int, rng: Generator) -> FloatArray:
    return points[rng.permutation(len(points))[:most]]
