"""From sets of products to rules: "who has these in the basket has that too" (Agrawal et al. 1993).

A rule must say more than chance among baskets as wide, and more than every shorter rule to the same
product, beyond what the number of rules looked at explains; docs/algorithms/baskets.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb
from typing import Self

import numpy as np

from retention.learning.basket.chance import adjusted, tail
from retention.learning.basket.fpgrowth import Itemsets
from retention.learning.basket.holders import Holders
from retention.learning.basket.measures import Measures
from retention.learning.panel import BoolArray, FloatArray, IntArray

ARRAYS = ("antecedent", "consequent", "both", "of", "having", "expected", "customers", "q")


@dataclass(frozen=True, eq=False)
class Rules(Measures):
    """m rules over n_baskets.

    antecedent : (m, w) products, ending in -1 · consequent : (m,) the product that follows.
    both, of, having : (m,) baskets with all of it, with the antecedent, with the consequent.
    expected : (m,) how many of `of` would hold the consequent by chance, as wide as they are.
    customers : (m,) whose baskets hold all of it, each counted once · q : see `adjusted`.
    """

    antecedent: IntArray
    consequent: IntArray
    both: IntArray
    of: IntArray
    having: IntArray
    expected: FloatArray
    customers: IntArray
    q: FloatArray
    n_baskets: int

    def __len__(self) -> int:
        return len(self.consequent)

    def take(self, rows: IntArray | BoolArray) -> Self:
        """Some of the rules, in the order asked."""
        return self._with({name: getattr(self, name)[rows] for name in ARRAYS})

    @classmethod
    def joined(cls, parts: "list[Rules]", *, widest: int, n_baskets: int) -> "Rules":
        """All rules of the parts; none where there are no parts."""
        nothing, unknown = np.empty(0, dtype=np.int64), np.empty(0)
        empty = cls(
            nothing.reshape(0, widest), *(nothing,) * 4, unknown, nothing, unknown, n_baskets
        )
        every = [empty, *parts]
        return empty._with({a: np.concatenate([getattr(one, a) for one in every]) for a in ARRAYS})

    def _with(self, arrays: dict[str, IntArray | FloatArray]) -> Self:
        return replace(self, **arrays)  # type: ignore[arg-type] # the names are those of arrays

    @property
    def total(self) -> int:
        """All baskets."""
        return self.n_baskets

    @property
    def usual(self) -> FloatArray:
        """The share of all baskets that hold the consequent."""
        return self.having / self.n_baskets


def rules_of(sets: Itemsets, holders: Holders, *, q: float = 0.05) -> Rules:
    """Every rule to one product that holds, each size of set an equal part of q.

    holders : of the same sets. A rule is left out where a shorter one to the same product, or none
    at all, is as sure; its p-value is the largest of those against the rules of one product fewer
    (Webb 2007). Time grows with the number of sets and bands.
    """
    known, widest = _Known(sets, holders), max(len(sets.levels) - 1, 1)
    parts = [known.rules(size, widest, q / widest) for size in range(2, len(sets.levels) + 1)]
    return Rules.joined(parts, widest=widest, n_baskets=sets.n_baskets)


class _Known:
    """What is known of every rule from the sets of the sizes below."""

    def __init__(self, sets: Itemsets, holders: Holders) -> None:
        self.sets, self.holders = sets, holders
        self.surest: list[FloatArray] = [sets.levels[0].count[:, None] / sets.n_baskets]
        """For each size, (m, size): the surest rule to a product from any part of the rest."""

    def rules(self, size: int, widest: int, q: float) -> Rules:
        """The rules of the sets of one size that hold; called in order of the sizes."""
        sets, places = self.sets, self.sets.places(size)
        single, below, count = (sets.levels[n].count for n in (0, size - 2, size - 1))
        without = np.column_stack([sets.find(np.delete(places, at, 1)) for at in range(size)])
        sure, shorter = count[:, None] / below[without], self._surest_below(without)
        self.surest.append(np.maximum(sure, shorter))
        row, at = np.nonzero(sure > shorter)
        of = below[without[row, at]]
        p = np.zeros(len(row))
        for expected, having in self._against_shorter(places, without, row, at):
            # No more can be hits than there are of either.
            p = np.maximum(p, tail(count[row], np.minimum(of, having), expected))
        kept = adjusted(p, tested=float(comb(len(sets.items), size) * size))
        held = kept <= q
        row, at, of = row[held], at[held], of[held]
        rest = np.stack([np.delete(places, one, axis=1) for one in range(size)], axis=1)[row, at]
        return Rules(
            antecedent=_padded(sets.items[rest], widest),
            consequent=sets.items[places[row, at]],
            both=count[row],
            of=of,
            having=single[places[row, at]],
            expected=self._by_chance(size, without[row, at], places[row, at]),
            customers=self.holders.customers[size - 1][row],
            q=kept[held] * widest,
            n_baskets=sets.n_baskets,
        )

    def _surest_below(self, without: IntArray) -> FloatArray:
        """The surest of the rules from a smaller part of the rest, or from nothing, (m, size)."""
        size = without.shape[1]
        if size == 2:
            return np.take(self.surest[0][:, 0], without[:, ::-1])
        surest = np.zeros(without.shape)
        for at in range(size):
            for out in range(size):
                if out != at:
                    there = self.surest[-1][without[:, out], at - (out < at)]
                    surest[:, at] = np.maximum(surest[:, at], there)
        return surest

    def _by_chance(self, size: int, rest: IntArray, product: IntArray) -> FloatArray:
        """Baskets of the rest that would hold the product, as wide as they are, (n,)."""
        bands = self.holders.bands
        return _expected(bands[size - 2][rest], bands[0][product], self.holders.baskets)

    def _against_shorter(
        self, places: IntArray, without: IntArray, row: IntArray, at: IntArray
    ) -> Iterator[tuple[FloatArray, IntArray]]:
        """Of rules (row, at), for each rule of one product fewer: how many baskets it makes expect,
        and how many hold it with the product, (n,) each."""
        size, bands, every = places.shape[1], self.holders.bands, np.arange(len(row))
        rest, below = without[row, at], self.sets.levels[places.shape[1] - 2].count
        if size == 2:
            yield self._by_chance(size, rest, places[row, at]), below[places[row, at]]
            return
        for step in range(1, size):
            out = (at + step) % size
            stays = np.ones((len(row), size), dtype=np.bool_)
            stays[every, at] = stays[every, out] = False
            fewer = self.sets.find(places[row][stays].reshape(len(row), size - 2))
            also = without[row, out]
            among = bands[size - 3][fewer]
            yield _expected(bands[size - 2][rest], bands[size - 2][also], among), below[also]


def _expected(drawn: IntArray, having: IntArray, among: IntArray) -> FloatArray:
    """How many of the drawn would be among those having, band by band, (n,) from (n, bands)."""
    share = having / np.maximum(among, 1)
    return np.asarray((drawn * share).sum(axis=1))


def _padded(products: IntArray, width: int) -> IntArray:
    missing = np.full((len(products), width - products.shape[1]), -1)
    return np.concatenate([products, missing], axis=1)
