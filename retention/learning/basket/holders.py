"""Which baskets hold each set: how wide they are, and whose."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.basket.chance import bands
from retention.learning.basket.fpgrowth import Itemsets
from retention.learning.interactions import Csr
from retention.learning.panel import IntArray


@dataclass(frozen=True, eq=False)
class Holders:
    """For each size of set: bands (m, b) baskets by width, customers (m,) whose they are.

    baskets : (b,) all baskets of each band.
    """

    bands: list[IntArray]
    customers: list[IntArray]
    baskets: IntArray

    @classmethod
    def of(cls, sets: Itemsets, baskets: Csr, *, owner: IntArray) -> Self:
        """Every set's baskets once: a set has those of its shorter one that hold its last product.

        baskets : (n, n_products) as the sets were found in · owner : (n,) whose each basket is.
        Time grows with the baskets of each set's last product, memory with sets times bands.
        """
        band = bands(np.diff(baskets.indptr).astype(np.int64))
        return cls(*_Walk(sets, baskets, owner, band).walked(), np.bincount(band))


class _Walk:
    def __init__(self, sets: Itemsets, baskets: Csr, owner: IntArray, band: IntArray) -> None:
        self.sets, self.owner, self.band = sets, owner, band
        self.holding = baskets[:, sets.items].tocsc()
        self.width = int(band.max(initial=0)) + 1
        self.starts = [
            np.searchsorted(level.shorter, np.arange(len(shorter) + 1))
            for shorter, level in zip(sets.levels, sets.levels[1:], strict=False)
        ]
        self.bands = [np.zeros((len(level), self.width), np.int64) for level in sets.levels]
        self.customers = [np.zeros(len(level), np.int64) for level in sets.levels]
        self.marked = np.zeros(len(owner), dtype=np.bool_)

    def walked(self) -> tuple[list[IntArray], list[IntArray]]:
        for item in range(len(self.sets.items)):
            self._enter(0, item, self._of(item))
        return self.bands, self.customers

    def _enter(self, depth: int, place: int, rows: NDArray[np.integer]) -> None:
        self.bands[depth][place] = np.bincount(self.band[rows], minlength=self.width)
        self.customers[depth][place] = len(np.unique(self.owner[rows]))
        if depth >= len(self.starts):
            return
        first, end = self.starts[depth][place : place + 2].tolist()
        found = []
        self.marked[rows] = True
        for longer in range(first, end):
            others = self._of(int(self.sets.levels[depth + 1].last[longer]))
            found.append(others[self.marked[others]])
        self.marked[rows] = False
        for longer, held in zip(range(first, end), found, strict=True):
            self._enter(depth + 1, longer, held)

    def _of(self, item: int) -> NDArray[np.integer]:
        starts = self.holding.indptr
        return self.holding.indices[starts[item] : starts[item + 1]]
