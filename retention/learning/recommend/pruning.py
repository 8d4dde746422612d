"""The exact best products of customers without looking at most of the catalogue.

A product's score is at most its length times the customer's (Cauchy-Schwarz; Teflioudi, Gemulla
and Mykytiuk 2015). Read in order of length, the rest is left once its bound is too low: factors
learned from sales are short for the many products that sell little.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.learning.interactions import BoolArray, Csr, FloatArray, IntArray
from retention.learning.recommend.protocol import Ranked
from retention.learning.recommend.selection import best, nothing

FIRST, LONGEST = 2048, 16_384
# What float32 may lose on a product of a few hundred numbers.
SLACK = np.float32(1 + 1e-5)


@dataclass(frozen=True, eq=False)
class Lengths:
    """Products by falling length of their factors. 12 bytes a product.

    rows, lengths : (n,). places : (n,) where each product is among them.
    """

    rows: IntArray
    lengths: FloatArray
    places: IntArray

    @classmethod
    def of(cls, table: FloatArray) -> Self:
        """Of a table (n, K); a million products take about 0.2 s."""
        lengths = np.sqrt(np.einsum("nk,nk->n", table, table))
        rows = np.argsort(-lengths, kind="stable").astype(np.int32)
        places = np.empty_like(rows)
        places[rows] = np.arange(len(rows), dtype=np.int32)
        return cls(rows, lengths[rows], places)


def top_pruned(
    factors: FloatArray,
    table: FloatArray,
    ordered: Lengths,
    *,
    k: int,
    exclude: Csr | None = None,
    allowed: BoolArray | None = None,
) -> Ranked:
    """The k best products of customers (n, K), as `top_dense` would choose of all scores.

    A few hundred customers at once share what is read of the table; 64 kB a customer.
    """
    products, scores = nothing(len(factors), k)
    lengths = np.sqrt(np.einsum("nk,nk->n", factors, factors)) * SLACK
    barred = _Barred(exclude, ordered.places)
    active = np.flatnonzero(lengths > 0)
    start, size = 0, max(FIRST, 4 * k)
    while start < len(ordered.rows) and len(active):
        rows = ordered.rows[start : start + size]
        found = factors[active] @ table.take(rows, axis=0).T
        if allowed is not None:
            found[:, np.flatnonzero(~allowed[rows])] = -np.inf
        for at, row in enumerate(active.tolist()):
            places = barred[row]
            places = places[(places >= start) & (places < start + len(rows))]
            found[at, places - start] = -np.inf
            _merge(found[at], rows, products[row], scores[row])
        start, size = start + len(rows), min(2 * size, LONGEST)
        if start < len(ordered.rows):
            # nan, a list not yet full, compares false and goes on.
            done = ordered.lengths[start] * lengths[active] < scores[active, -1]
            active = active[~done]
    return products, scores


def _merge(found: FloatArray, rows: IntArray, products: IntArray, scores: FloatArray) -> None:
    """The best of a list and of what was found, into the list."""
    held = int(np.count_nonzero(products >= 0))
    least = scores[-1] if held == len(products) else np.float32(-np.inf)
    better = np.flatnonzero(found >= least)
    if not len(better):
        return
    both = np.concatenate([products[:held], rows[better]])
    values = np.concatenate([scores[:held], found[better]])
    by_row = np.argsort(both, kind="stable")
    chosen = by_row[best(values[by_row], len(products))]
    products[: len(chosen)], scores[: len(chosen)] = both[chosen], values[chosen]


@dataclass(frozen=True, eq=False)
class _Barred:
    """Where each customer's excluded products are in the order of lengths."""

    exclude: Csr | None
    places: IntArray

    def __getitem__(self, row: int) -> IntArray:
        if self.exclude is None:
            return self.places[:0]
        there = slice(self.exclude.indptr[row], self.exclude.indptr[row + 1])
        return self.places[self.exclude.indices[there]]
