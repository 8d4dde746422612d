"""The exact best products of one customer without looking at most of them.

A product's score is at most its length times the customer's (Cauchy-Schwarz; Teflioudi, Gemulla
and Mykytiuk 2015). Read in order of length, the rest can be left once their bound is too low.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.learning.interactions import BoolArray, FloatArray, IntArray
from retention.learning.recommend.selection import best

FIRST = 2048
# What float32 may lose on a product of a few hundred numbers.
SLACK = np.float32(1 + 1e-5)


@dataclass(frozen=True, eq=False)
class Lengths:
    """Products by falling length of their factors: rows (n,) and lengths (n,). 8 bytes each."""

    rows: IntArray
    lengths: FloatArray

    @classmethod
    def of(cls, table: FloatArray) -> Self:
        """Of a table (n, K); a million products take about 0.2 s."""
        lengths = np.sqrt(np.einsum("nk,nk->n", table, table))
        rows = np.argsort(-lengths, kind="stable").astype(np.int32)
        return cls(rows, lengths[rows])


def top_one(
    factors: FloatArray,
    table: FloatArray,
    ordered: Lengths,
    *,
    k: int,
    excluded: IntArray,
    allowed: BoolArray | None,
) -> tuple[IntArray, FloatArray]:
    """The k best products of one customer (K,), and their scores; as `top_dense` chooses.

    excluded : product rows never shown. allowed : (n,) or None.
    """
    length = np.sqrt(factors @ factors) * SLACK
    products, scores = np.empty(0, np.int32), np.empty(0, np.float32)
    start, size = 0, max(FIRST, 4 * k)
    while start < len(ordered.rows):
        if len(scores) >= k and ordered.lengths[start] * length < scores[-1]:
            break
        rows = ordered.rows[start : start + size]
        found = table.take(rows, axis=0) @ factors
        kept = ~np.isin(rows, excluded) if len(excluded) else np.ones(len(rows), np.bool_)
        if allowed is not None:
            kept &= allowed[rows]
        products = np.concatenate([products, rows[kept]])
        scores = np.concatenate([scores, found[kept]])
        by_row = np.argsort(products, kind="stable")
        chosen = by_row[best(scores[by_row], k)]
        products, scores = products[chosen], scores[chosen]
        start, size = start + size, 2 * size
    return products, scores
