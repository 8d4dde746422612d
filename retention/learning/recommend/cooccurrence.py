"""Every product against every other one that shares a customer, block by block."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from retention.learning.interactions import Csr, FloatArray, IntArray
from retention.learning.recommend.protocol import Progress
from retention.learning.recommend.selection import best
from retention.learning.recommend.threads import over
from retention.learning.together import Together

BLOCKS_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Nearest:
    """The most similar products of each product, never itself, columns rising.

    similarity : (n, n) csr · together : the customers shared, aligned with similarity.data ·
    buyers : (n,) customers of each product.
    """

    similarity: Csr
    together: IntArray
    buyers: IntArray


def nearest(
    weights: Csr, *, keep: int, shrinkage: float, threads: int | None, progress: Progress
) -> Nearest:
    """The keep products with the highest cosine of their columns of (customers, products).

    shrinkage : a similarity seen in n shared customers counts n / (n + shrinkage).
    Time grows with the sum of squares of the customers' lengths, memory with keep * n_products
    and one block a thread.
    """
    table = _table(weights)
    work = partial(_nearest_of_block, table, keep=keep, shrinkage=shrinkage)
    blocks = table.together.blocks()
    parts: list[_Part] = []
    for start in range(0, len(blocks), BLOCKS_AT_ONCE):
        parts += over(blocks[start : start + BLOCKS_AT_ONCE], work, threads=threads)
        progress(len(parts), len(blocks), "comparing products")
    n = weights.shape[1]
    starts = np.append(0, np.cumsum(np.concatenate([part.lengths for part in parts])))
    scores = np.concatenate([part.scores for part in parts])
    columns = np.concatenate([part.columns for part in parts])
    return Nearest(
        similarity=csr_array((scores, columns, starts), shape=(n, n)),
        together=np.concatenate([part.together for part in parts]),
        buyers=np.diff(table.vectors.indptr).astype(np.int32),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Products by customers as unit vectors, the same turned, and as ones."""

    vectors: Csr
    turned: Csr
    together: Together


@dataclass(frozen=True, eq=False)
class _Part:
    """The kept cells of a block of products."""

    lengths: IntArray
    columns: IntArray
    scores: FloatArray
    together: IntArray


def _table(weights: Csr) -> _Table:
    vectors = weights.T.tocsr()
    rows = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    squares = np.bincount(rows, np.square(vectors.data, dtype=np.float64), vectors.shape[0])
    unit = vectors.data / np.sqrt(squares)[rows]
    # Never so small that a product of two vanishes: the counts below have the same cells.
    vectors.data = unit.astype(np.float32).clip(1e-12)
    return _Table(vectors, vectors.T.tocsr(), Together.of(weights))


def _nearest_of_block(table: _Table, rows: slice, *, keep: int, shrinkage: float) -> _Part:
    scores = table.vectors[rows] @ table.turned
    counts = table.together.counts(rows)
    scores.sort_indices()
    counts.sort_indices()
    scores.data *= counts.data / (counts.data + np.float32(shrinkage))
    starts = pairwise(scores.indptr.tolist())
    kept = [
        start + _best_others(scores.data[start:stop], scores.indices[start:stop], product, keep)
        for product, (start, stop) in zip(range(rows.start, rows.stop), starts, strict=True)
    ]
    places = np.concatenate([np.empty(0, np.int64), *kept])
    return _Part(
        lengths=np.array([len(each) for each in kept], dtype=np.int32),
        columns=scores.indices[places],
        scores=scores.data[places],
        together=counts.data[places].astype(np.int32),
    )


def _best_others(scores: FloatArray, columns: IntArray, product: int, keep: int) -> IntArray:
    scores[columns == product] = -np.inf
    return np.sort(best(scores, keep))
