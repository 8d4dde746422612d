"""How many rows hold two columns at once, block by block: every pair of products is counted so."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import Csr
from retention.learning.panel import IntArray
from retention.learning.recommend.threads import over

# Cells of a block of columns by columns: 16 bytes each while it is compared.
BLOCK_CELLS = 1 << 22


@dataclass(frozen=True, eq=False)
class Together:
    """Two tables over the same rows (customers, baskets, orders), which may be one and the same.

    first : (columns, rows) and second : (rows, columns), ones in float32: a pair is counted
    exactly up to 16 million rows.
    """

    first: Csr
    second: Csr

    @classmethod
    def of(cls, rows: Csr, others: Csr | None = None) -> Self:
        """From (rows, columns), whatever is stored there counts as one; others : the second."""
        return cls(ones(rows).T.tocsr(), ones(rows if others is None else others))

    @property
    def sizes(self) -> IntArray:
        """How many rows hold each column of the first table, (columns,)."""
        return np.diff(self.first.indptr).astype(np.int64)

    def blocks(self) -> list[slice]:
        """Columns of the first table, by an upper bound of how many others each one meets."""
        reach = np.diff(self.second.indptr)[self.first.indices]
        work = np.append(0, np.cumsum(reach, dtype=np.int64))
        met = np.diff(work[self.first.indptr]).clip(max=self.second.shape[1])
        return cut(np.cumsum(met))

    def counts(self, block: slice) -> Csr:
        """Rows shared by each column of a block and each of the second table, in no order."""
        return self.first[block] @ self.second

    def at_least(
        self, least: int, *, threads: int | None = None
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Pairs (column of the first, of the second) that so many rows hold, rising; and how many.

        A column meets itself too. (m,) each. Time grows with the sum over the rows of the product
        of their lengths in the two tables, memory with one block a thread.
        """
        parts = over(self.blocks(), partial(self._kept, least=least), threads=threads)
        first, second, count = np.concatenate([np.empty((3, 0), np.int64), *parts], axis=1)
        order = np.lexsort((second, first))
        return first[order], second[order], count[order]

    def _kept(self, block: slice, *, least: int) -> IntArray:
        counts = self.counts(block)
        kept = np.flatnonzero(counts.data >= least)
        row = np.searchsorted(counts.indptr, kept, side="right") - 1 + block.start
        return np.stack([row, counts.indices[kept], counts.data[kept]]).astype(np.int64)


def ones(table: Csr) -> Csr:
    """The same cells, each 1."""
    marked = table.copy()
    marked.sum_duplicates()
    marked.data = np.ones(len(table.data), np.float32)
    return marked


def cut(cells: NDArray[np.integer]) -> list[slice]:
    """Slices of rows of about BLOCK_CELLS each, given the running sum of the rows' cells."""
    edges = np.flatnonzero(np.diff(cells // BLOCK_CELLS, prepend=0))
    edges = np.unique(np.concatenate([[0], edges, [len(cells)]]))
    return [slice(int(start), int(stop)) for start, stop in pairwise(edges)]
