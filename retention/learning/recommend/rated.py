"""Tables of product factors under which anyone's stars are foretold by small ridge systems."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
    Interactions,
)
from retention.learning.recommend.protocol import (
    Arrays,
    NotFitted,
    Params,
    Ranked,
    check_history,
    options,
)
from retention.learning.recommend.selection import check_filters, known_rows, nothing, top_dense

ROWS_AT_ONCE = 1024
# Two tables of so many rows, 450 wide: 120 MB.
PAIRS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class Sheet:
    """One side's factors with its biases in the last column, and what the other side is drawn to.

    table : (n, K + 1). mean : (K + 1,). precision : (K + 1, K + 1). trust : precision of a rating.
    by_count : the precision counts once a rating instead of once.
    """

    table: DoubleArray
    mean: DoubleArray
    precision: DoubleArray
    trust: float = 1.0
    by_count: bool = False

    @classmethod
    def drawn(cls, n: int, factors: int, rng: Generator) -> Self:
        """Small random factors, no bias."""
        table = rng.normal(scale=0.1, size=(n, factors + 1))
        table[:, -1] = 0
        return cls(table, np.zeros(factors + 1), np.eye(factors + 1))


def ridge(rows: Csr, sheet: Sheet, level: float, *, rng: Generator | None = None) -> DoubleArray:
    """The other side's table (n, K + 1): posterior means, or draws where rng is given.

    rows : (n, len(sheet.table)) the stars. Solves, for each row over what it rated,
    (trust Σ z zᵀ + precision) x = trust Σ (stars - level - bias) z + precision mean, z = (y, 1).
    """
    width = sheet.table.shape[1]
    found = np.empty((rows.shape[0], width))
    for start in range(0, rows.shape[0], ROWS_AT_ONCE):
        block = rows[start : start + ROWS_AT_ONCE]
        used, column = np.unique(block.indices, return_inverse=True)
        z = sheet.table[used].copy()
        left = block.data - level - z[column, -1]
        z[:, -1] = 1
        shape = (block.shape[0], len(used))
        ones = csr_array((np.ones(len(column)), column, block.indptr), shape=shape)
        squares = ones @ (z[:, :, None] * z[:, None, :]).reshape(len(used), width**2)
        sums = csr_array((left, column, block.indptr), shape=shape) @ z
        counted = np.diff(block.indptr).clip(1) if sheet.by_count else np.ones(block.shape[0])
        prior = counted[:, None, None] * sheet.precision
        matrix = prior + sheet.trust * np.asarray(squares).reshape(-1, width, width)
        right = prior @ sheet.mean + sheet.trust * np.asarray(sums)
        answer = np.linalg.solve(matrix, right[:, :, None])
        if rng is not None:
            upper = np.linalg.cholesky(matrix).transpose(0, 2, 1)
            answer = answer + np.linalg.solve(upper, rng.standard_normal(answer.shape))
        found[start : start + ROWS_AT_ONCE] = answer[:, :, 0]
    return found


def latest(interactions: Interactions, at_day: float) -> Csr:
    """Customers by products: the last stars each gave before a day."""
    known = interactions.before(at_day)
    cells = known.customers.astype(np.int64) * known.n_products + known.products
    order = np.lexsort((known.times, cells))
    last = order[np.append(np.diff(cells[order]) != 0, True)[: len(order)]]
    counts = np.bincount(known.customers[last], minlength=known.n_customers)
    starts = np.append(0, np.cumsum(counts)).astype(np.int32)
    shape = (known.n_customers, known.n_products)
    return csr_array((known.weights[last], known.products[last], starts), shape=shape)


@dataclass(kw_only=True, eq=False)
class RatedFactors:
    """Foretells stars as level + the mean over sheets of bias + bias + factors·factors.

    The sheets stand side by side in one table of products, so that a forecast is one product of
    rows; a customer's row is the posterior mean under each sheet, known or folded in alike.
    """

    level_: float = field(init=False, repr=False)
    tables_: DoubleArray = field(init=False, repr=False)
    means_: DoubleArray = field(init=False, repr=False)
    precisions_: DoubleArray = field(init=False, repr=False)
    trusts_: DoubleArray = field(init=False, repr=False)
    by_count_: bool = field(init=False, repr=False)
    customer_rows_: FloatArray = field(init=False, repr=False)
    product_rows_: FloatArray = field(init=False, repr=False)
    rated_: BoolArray = field(init=False, repr=False)

    def predict(self, customers: IntArray, products: IntArray) -> DoubleArray:
        """Stars (n,) of pairs known at fit; who or what was never rated is as the average one."""
        rows, known = known_rows(customers, len(self._fitted()))
        columns, sold = known_rows(products, len(self.product_rows_))
        people = np.where(known[:, None], self.customer_rows_[rows], self._nobody())
        matched = np.einsum("ij,ij->i", people, self.product_rows_[columns], dtype=np.float64)
        stars: DoubleArray = self.level_ + np.where(sold, matched, 0)
        return stars

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """What customers who rated would give most to. Empty for the others."""
        rows, known = known_rows(customers, len(self._fitted()))
        known &= self.rated_[rows]
        return self._rank(self.customer_rows_[rows], known, k, exclude, allowed)

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The same from any ratings."""
        self._fitted()
        check_history(history, len(self.product_rows_))
        stars = latest(history, at_day)
        return self._rank(self.fold_in(stars), np.diff(stars.indptr) > 0, k, exclude, allowed)

    def foretell(
        self, stars: Csr, rows: NDArray[np.integer], products: NDArray[np.integer]
    ) -> DoubleArray:
        """Stars (k,) that the customers in rows of stars (n, m) would give products, (k,) each."""
        self._fitted()
        people = self.fold_in(stars)
        said = np.empty(len(rows))
        for start in range(0, len(rows), PAIRS_AT_ONCE):
            there = slice(start, start + PAIRS_AT_ONCE)
            pairs = people[rows[there]], self.product_rows_[products[there]]
            said[there] = np.einsum("ij,ij->i", *pairs, dtype=np.float64)
        return said + self.level_

    def fold_in(self, stars: Csr) -> FloatArray:
        """Rows (n, sheets x (K + 2)) of customers from their stars (n, n_products)."""
        one = np.ones((stars.shape[0], 1))
        parts = [
            np.hstack([ridge(stars, sheet, self.level_), one]) / len(self.tables_)
            for sheet in self._sheets()
        ]
        return np.hstack(parts).astype(np.float32)

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """The sheets, and the customers under them."""
        self._fitted()
        return {
            "level": np.array(self.level_),
            "tables": self.tables_,
            "means": self.means_,
            "precisions": self.precisions_,
            "trusts": self.trusts_,
            "by_count": np.array(self.by_count_),
            "customer_rows": self.customer_rows_,
            "rated": self.rated_,
        }

    def without_customers(self) -> Arrays:
        """The arrays as of a model that knows nobody: enough for any history."""
        nobody = {"customer_rows": self.customer_rows_[:0], "rated": self.rated_[:0]}
        return self.arrays() | nobody

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        for name in ("tables", "means", "precisions", "trusts", "customer_rows", "rated"):
            setattr(model, f"{name}_", arrays[name])
        model.level_, model.by_count_ = float(arrays["level"]), bool(arrays["by_count"])
        model.product_rows_ = _beside(model.tables_)
        return model

    def _keep(self, sheets: list[Sheet], stars: Csr) -> None:
        """Store what was learned, and fold every customer in."""
        self.tables_ = np.stack([sheet.table for sheet in sheets])
        self.means_ = np.stack([sheet.mean for sheet in sheets])
        self.precisions_ = np.stack([sheet.precision for sheet in sheets])
        self.trusts_ = np.array([sheet.trust for sheet in sheets])
        self.by_count_ = sheets[0].by_count
        self.product_rows_ = _beside(self.tables_)
        self.rated_ = np.diff(stars.indptr) > 0
        self.customer_rows_ = self.fold_in(stars)

    def _sheets(self) -> list[Sheet]:
        drawn = zip(self.tables_, self.means_, self.precisions_, self.trusts_, strict=True)
        return [Sheet(*each, by_count=self.by_count_) for each in drawn]

    def _nobody(self) -> FloatArray:
        """The row of a customer without ratings."""
        shape = (1, len(self.product_rows_))
        return self.fold_in(csr_array((np.empty(0, np.float32), ([], [])), shape=shape))

    def _rank(
        self,
        people: FloatArray,
        known: BoolArray,
        k: int,
        exclude: Csr | None,
        allowed: BoolArray | None,
    ) -> Ranked:
        check_filters(len(people), len(self.product_rows_), exclude, allowed)
        products, scores = nothing(len(people), k)
        for start in range(0, len(people), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            stars = people[rows] @ self.product_rows_.T + np.float32(self.level_)
            stars[~known[rows]] = -np.inf
            barred = None if exclude is None else exclude[rows]
            products[rows], scores[rows] = top_dense(stars, k=k, exclude=barred, allowed=allowed)
        return products, scores

    def _fitted(self) -> FloatArray:
        if not hasattr(self, "customer_rows_"):
            raise NotFitted(f"{type(self).__name__} has learned nothing yet: call fit() first.")
        return self.customer_rows_


def _beside(tables: DoubleArray) -> FloatArray:
    """Sheets side by side, (n, sheets x (K + 2)): factors, a one for the customer's bias to meet,
    and the product's own bias, which meets the customer's one.
    """
    ones = np.ones((*tables.shape[:2], 1))
    rows = np.concatenate([tables[:, :, :-1], ones, tables[:, :, -1:]], axis=2)
    return rows.transpose(1, 0, 2).reshape(tables.shape[1], -1).astype(np.float32)
