"""The best k of many scores, whole or sparse, always in the same order."""

import numpy as np

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray
from retention.learning.recommend.protocol import Ranked

# Scores are first looked at in strides this long; a few cache lines each.
STRIDE = 64


def nothing(n: int, k: int) -> Ranked:
    """n empty answers: products -1, scores nan."""
    return np.full((n, k), -1, np.int32), np.full((n, k), np.nan, np.float32)


def known_rows(rows: IntArray, size: int) -> tuple[IntArray, BoolArray]:
    """Rows that may be indexed with (0 for the unknown), and which are known: 0 <= row < size."""
    known = (rows >= 0) & (rows < size)
    return np.where(known, rows, 0), known


def check_filters(n: int, n_products: int, exclude: Csr | None, allowed: BoolArray | None) -> None:
    """Refuse filters of another shape: they would hide the wrong products in silence."""
    if exclude is not None and exclude.shape != (n, n_products):
        raise ValueError(
            f"exclude must have one row for each customer asked, ({n}, {n_products}), "
            f"not {exclude.shape}."
        )
    if allowed is not None and (allowed.shape != (n_products,) or allowed.dtype != np.bool_):
        raise ValueError(
            f"allowed must be ({n_products},) bool, not {allowed.shape} {allowed.dtype}."
        )


def top_dense(
    scores: FloatArray, *, k: int, exclude: Csr | None = None, allowed: BoolArray | None = None
) -> Ranked:
    """The best k of each row of (n, n_products) scores, which it overwrites.

    A score of -inf never appears. exclude has a row for each row of scores.
    """
    n_rows, n_products = scores.shape
    check_filters(n_rows, n_products, exclude, allowed)
    if exclude is not None:
        scores[_row_of_each(exclude), exclude.indices] = -np.inf
    if allowed is not None:
        scores[:, np.flatnonzero(~allowed)] = -np.inf
    products, scored = nothing(len(scores), k)
    for row, values in enumerate(scores):
        chosen = best(values, k)
        products[row, : len(chosen)] = chosen
        scored[row, : len(chosen)] = values[chosen]
    return products, scored


def top_sparse(
    scores: Csr, *, k: int, exclude: Csr | None = None, allowed: BoolArray | None = None
) -> Ranked:
    """The best k of each row of sparse scores; only what is stored and above 0 can appear."""
    n_rows, n_products = scores.shape
    check_filters(n_rows, n_products, exclude, allowed)
    kept = without(scores, exclude=exclude, allowed=allowed)
    products, scored = nothing(n_rows, k)
    for row in np.flatnonzero(np.diff(kept.indptr)):
        there = slice(kept.indptr[row], kept.indptr[row + 1])
        columns, values = kept.indices[there], kept.data[there]
        chosen = best(values, k)
        products[row, : len(chosen)] = columns[chosen]
        scored[row, : len(chosen)] = values[chosen]
    return products, scored


def without(scores: Csr, *, exclude: Csr | None, allowed: BoolArray | None) -> Csr:
    """The scores above 0 that are allowed and not excluded, columns rising in each row."""
    keep = scores.data > 0
    if allowed is not None:
        keep &= allowed[scores.indices]
    if exclude is not None:
        keep &= ~np.isin(_cell_of_each(scores), _cell_of_each(exclude))
    kept = scores.copy()
    kept.data = np.where(keep, scores.data, np.float32(0))
    kept.eliminate_zeros()
    kept.sort_indices()
    return kept


def best(values: FloatArray, k: int) -> IntArray:
    """Where the k largest are, best first, the earlier one first among equals; -inf never."""
    places = np.flatnonzero(values >= _bound(values, k))
    if len(places) > k:
        candidates = values[places]
        kth = np.partition(candidates, len(places) - k)[len(places) - k]
        places = places[candidates >= kth]
    order = np.argsort(-values[places], kind="stable")
    return places[order][:k].astype(np.int32)


def _bound(values: FloatArray, k: int) -> float:
    """A score at least k values reach: the k-th largest of the strides' maxima.

    One pass at memory speed instead of a partition of everything: at a million scores this
    is what makes the choice cheaper than computing them.
    """
    lowest = float(np.nextafter(np.float32(-np.inf), np.float32(0)))
    strides = len(values) // STRIDE
    if strides < 4 * k:
        return lowest
    maxima = values[: strides * STRIDE].reshape(strides, STRIDE).max(axis=1)
    return max(lowest, float(np.partition(maxima, strides - k)[strides - k]))


def _row_of_each(matrix: Csr) -> IntArray:
    counts = np.diff(matrix.indptr)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _cell_of_each(matrix: Csr) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return _row_of_each(matrix).astype(np.int64) * matrix.shape[1] + matrix.indices
