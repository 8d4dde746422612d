"""Every set of products that enough baskets hold, by pattern growth (Han, Pei and Yin 2000).

A set grows by one product at a time inside its conditional database: the baskets that hold what it
has so far. Where the paper keeps that as a tree, here it is a table of bits, a row a product and a
bit a basket, so that the next product of every set is counted by one AND (Zaki 2000); the pairs,
which are most of the work, are one product of sparse matrices.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import Csr
from retention.learning.panel import IntArray
from retention.learning.together import Together, ones

Bits = NDArray[np.uint64]
WORD = 64


class TooManySets(ValueError):
    """More sets than asked for are in so many baskets: ask for more baskets."""


@dataclass(frozen=True, eq=False)
class Level:
    """The sets of one size, each a set of one product fewer and one product more.

    shorter : (m,) its place in the level before, -1 for single products · last : (m,) place of the
    last product in `Itemsets.items` · count : (m,) baskets. Rising by (shorter, last).
    """

    shorter: IntArray
    last: IntArray
    count: IntArray

    def __len__(self) -> int:
        return len(self.count)


@dataclass(frozen=True, eq=False)
class Itemsets:
    """All sets that at least `least` of n_baskets hold, as a trie.

    items : (f,) columns of the products that are in as many, the rare ones first.
    levels : the sets of one product, of two, ...
    """

    n_baskets: int
    least: int
    items: IntArray
    levels: tuple[Level, ...]

    def __len__(self) -> int:
        return sum(map(len, self.levels))

    def places(self, size: int) -> IntArray:
        """The sets of one size as places in `items`, rising in each row, (m, size)."""
        level = self.levels[size - 1]
        if size == 1:
            return level.last[:, None]
        return np.column_stack([self.places(size - 1)[level.shorter], level.last])

    def find(self, places: IntArray) -> IntArray:
        """Where sets (m, size) of places, rising, stand in their level, (m,).

        They must be there: what is in a set that is there is there too.
        """
        found = places[:, 0]
        for level, last in zip(self.levels[1:], places.T[1:], strict=False):
            keys = level.shorter * len(self.items) + level.last
            found = np.searchsorted(keys, found * len(self.items) + last)
        return found


def frequent_sets(
    baskets: Csr,
    *,
    least: int,
    largest: int,
    most: int | None = None,
    threads: int | None = None,
) -> Itemsets:
    """The sets of at most `largest` products that at least `least` baskets hold.

    baskets : (n_baskets, n_products), whatever is stored counts as bought.
    Raises TooManySets beyond `most`, before they take much memory.
    """
    if least < 1 or largest < 1:
        raise ValueError(f"least and largest must be 1 or more; they are {least!r}, {largest!r}.")
    table = ones(baskets)
    sizes = np.bincount(table.indices, minlength=table.shape[1])
    items = np.flatnonzero(sizes >= least)
    items = items[np.argsort(sizes[items], kind="stable")]
    growth = _Growth(Together.of(table[:, items]), least, largest, most)
    growth.grow(threads=threads)
    return Itemsets(baskets.shape[0], least, items, growth.levels())


@dataclass(eq=False)
class _Growth:
    """Sets that were found so far: for each size, parts of its level."""

    together: Together
    least: int
    largest: int
    most: int | None
    found: list[list[tuple[IntArray, IntArray, IntArray]]] = field(init=False)
    sizes: list[int] = field(init=False)
    bit: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.found, self.sizes = [[] for _ in range(self.largest)], [0] * self.largest
        self.bit = np.full(self.together.second.shape[0], -1)

    def grow(self, *, threads: int | None) -> None:
        """Single products, pairs, and from each product with two others on."""
        single = np.arange(self.together.second.shape[1])
        self._add(0, np.full(len(single), -1), single, self.together.sizes)
        if self.largest == 1:
            return
        first, second, count = self.together.at_least(self.least, threads=threads)
        above = first < second
        first, second, count = first[above], second[above], count[above]
        pairs = self._add(1, first, second, count)
        if self.largest == 2:
            return
        starts = np.searchsorted(first, np.append(single, len(single)))
        for item in np.flatnonzero(np.diff(starts) > 1).tolist():
            its = slice(starts[item], starts[item + 1])
            self._extend(self._conditional(item, second[its]), second[its], pairs[its], size=2)

    def levels(self) -> tuple[Level, ...]:
        """Single products, and the larger sizes of which there is any set."""
        return tuple(
            Level(*(np.concatenate(column) for column in zip(*parts, strict=True)))
            for n, parts in enumerate(self.found)
            if n == 0 or self.sizes[n]
        )

    def _conditional(self, item: int, others: IntArray) -> Bits:
        """Which of the baskets with an item hold each of some others: (others, words)."""
        starts, holders = self.together.first.indptr, self.together.first.indices
        baskets = holders[starts[item] : starts[item + 1]]
        self.bit[baskets] = np.arange(len(baskets))
        lengths = starts[others + 1] - starts[others]
        ends = np.cumsum(lengths)
        cells = np.arange(ends[-1]) + np.repeat(starts[others] - ends + lengths, lengths)
        bit = self.bit[holders[cells]]
        row = np.repeat(np.arange(len(others)), lengths)
        self.bit[baskets] = -1
        holds = np.zeros((len(others), -(-len(baskets) // WORD) * WORD), dtype=np.bool_)
        holds[row[bit >= 0], bit[bit >= 0]] = True
        return np.packbits(holds, axis=1).view(np.uint64)

    def _extend(self, bits: Bits, last: IntArray, sets: IntArray, *, size: int) -> None:
        """Grow sets that differ in their last product only, each by the last of the others.

        bits : (n, words) which baskets hold each · sets : (n,) places in their level.
        """
        for one in range(len(sets) - 1):
            both = bits[one] & bits[one + 1 :]
            count = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
            kept = np.flatnonzero(count >= self.least)
            if not len(kept):
                continue
            more = last[one + 1 :][kept]
            grown = self._add(size, np.full(len(kept), sets[one]), more, count[kept])
            if size + 1 < self.largest and len(kept) > 1:
                self._extend(both[kept], more, grown, size=size + 1)

    def _add(self, size: int, shorter: IntArray, last: IntArray, count: IntArray) -> IntArray:
        """Remember sets; returns their places in the level."""
        before = self.sizes[size]
        self.sizes[size] += len(count)
        self.found[size].append((shorter, last, count))
        if self.most is not None and sum(self.sizes) > self.most:
            raise TooManySets(
                f"More than {self.most:,} sets are in {self.least:,} baskets: ask for more baskets."
            )
        return np.arange(before, self.sizes[size])
