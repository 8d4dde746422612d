"""Taste: implicit alternating least squares, the model of Hu, Koren and Volinsky (2008).

Weighted and regularised as Rendle, Krichene, Zhang and Koren (2022) found it strongest: what was
not observed counts alpha, and a row's penalty grows with how much it was seen.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from retention.learning.interactions import (
    BoolArray,
    Csr,
    DoubleArray,
    FloatArray,
    IntArray,
    Interactions,
)
from retention.learning.recommend.least_squares import Equations, solve, turn
from retention.learning.recommend.protocol import (
    Arrays,
    NotFitted,
    Params,
    Progress,
    Ranked,
    check_events,
    check_history,
    options,
    silent,
)
from retention.learning.recommend.pruning import Lengths, top_pruned
from retention.learning.recommend.selection import check_filters, known_rows, nothing, top_dense
from retention.learning.recommend.threads import over

# So many customers share what is read of the products; 16 MB of scores on each thread.
CUSTOMERS_AT_ONCE = 256
# From a cold start this many steps agree with the exact answer to about 1e-4.
FOLD_STEPS = 6


@dataclass(kw_only=True, eq=False)
class ImplicitALS:
    """Customers and products as vectors whose product says how well they match.

    Minimises, over observed (u, p) with weight w,
        Σ w (x_u·y_p - 1)² + alpha Σ_all (x_u·y_p)² + Σ_u penalty_u |x_u|² + Σ_p penalty_p |y_p|²
    with penalty = regularization (Σ w of the row + alpha · size of the other side)^exponent.

    offset : added to the weight on the right-hand side; alpha here gives Hu et al.'s objective,
        where an observed pair is not also counted as a zero.
    half_life_days : how fast the training events fade; history_half_life_days the same for the
        history a customer is folded in from, where taste of late matters more.
    threads : None takes every usable core. The result does not depend on it.

    100,000 customers, a million products, 10 M events and 64 factors take 282 MB of factors and
    516 MB while fitting.
    """

    factors: int = 64
    regularization: float = 0.003
    alpha: float = 0.5
    exponent: float = 1.0
    offset: float = 0.0
    iterations: int = 10
    steps: int = 3
    half_life_days: float | None = 120.0
    history_half_life_days: float | None = 60.0
    seed: int = 0
    threads: int | None = None

    customer_factors_: FloatArray = field(init=False, repr=False)
    product_factors_: FloatArray = field(init=False, repr=False)
    spectrum_: FloatArray = field(init=False, repr=False)
    lengths_: Lengths = field(init=False, repr=False)

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Sweep between customers and products, then fold every customer in."""
        self._check_options()
        check_events(interactions, at_day)
        by_customer = interactions.matrix(at_day, half_life_days=self.half_life_days)
        by_product = by_customer.T.tocsr()
        rng = np.random.default_rng(self.seed)
        scale = 0.1 / np.sqrt(self.factors)
        shape = (interactions.n_products, self.factors)
        products = rng.standard_normal(shape, dtype=np.float32)
        products *= np.float32(scale)
        customers = np.zeros((interactions.n_customers, self.factors), np.float32)
        for sweep in range(self.iterations):
            self._half_sweep(by_customer, products, customers)
            self._half_sweep(by_product, customers, products)
            progress(sweep + 1, self.iterations, "learning what goes together")
        self.spectrum_ = np.float32(self.alpha) * turn(products, customers, threads=self.threads)
        self.believe(products)
        del by_customer, by_product
        history = interactions.matrix(at_day, half_life_days=self.history_half_life_days)
        self.customer_factors_ = self.fold_in(history)
        return self

    def fold_in(self, rows: Csr) -> FloatArray:
        """Factors (n, K) of customers from their weights (n, n_products); a batch may be one."""
        products = self._fitted()
        return solve(
            rows,
            Equations(products, self.spectrum_, self.offset, max(self.steps, FOLD_STEPS)),
            penalties=self._penalties(rows),
            out=np.zeros((rows.shape[0], products.shape[1]), np.float32),
            threads=self.threads,
        )

    def recommend(
        self,
        customers: IntArray,
        *,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The k best products of customers known at fit. Empty for the others."""
        return self._rank(self.factors_of(customers), k, exclude, allowed)

    def recommend_from(
        self,
        history: Interactions,
        *,
        at_day: float,
        k: int,
        exclude: Csr | None = None,
        allowed: BoolArray | None = None,
    ) -> Ranked:
        """The k best products of anyone with a history, folded in. Empty without one."""
        check_history(history, len(self._fitted()))
        rows = history.matrix(at_day, half_life_days=self.history_half_life_days)
        return self._rank(self.fold_in(rows), k, exclude, allowed)

    def believe(self, products: FloatArray) -> None:
        """Take these factors (n_products, K) of the products from now on."""
        self.product_factors_ = products
        self.lengths_ = Lengths.of(products)

    def factors_of(self, customers: IntArray) -> FloatArray:
        """Factors (n, K) of customers known at fit, 0 for the others."""
        self._fitted()
        rows, known = known_rows(customers, len(self.customer_factors_))
        factors: FloatArray = self.customer_factors_[rows] * known[:, None]
        return factors

    def similar(self, products: IntArray, *, k: int, allowed: BoolArray | None = None) -> Ranked:
        """The k products whose factors point the same way, by cosine; never the product itself."""
        table = self._fitted()
        lengths = np.linalg.norm(table, axis=1).clip(np.finfo(np.float32).tiny)
        ranked, scores = nothing(len(products), k)
        known = known_rows(products, len(table))[1]
        for row in np.flatnonzero(known):
            product = products[row]
            cosine = (table @ table[product]) / (lengths * lengths[product])
            cosine[product] = -np.inf
            cosine[cosine == 0] = -np.inf
            ranked[row], scores[row] = (
                each[0] for each in top_dense(cosine[None], k=k, allowed=allowed)
            )
        return ranked, scores

    def contributions(self, row: Csr, product: int) -> tuple[IntArray, FloatArray]:
        """What each product of a history (1, n_products) adds to a product's score.

        The score is linear in the history once its weights are fixed, so the parts add up to it.
        """
        seen = self._fitted()[row.indices]
        dense = np.diag((self.spectrum_ + self._penalties(row)).astype(np.float64))
        target = np.linalg.solve(
            dense + (seen.T * row.data) @ seen, self.product_factors_[product].astype(np.float64)
        )
        return row.indices, ((row.data + self.offset) * (seen @ target)).astype(np.float32)

    def params(self) -> Params:
        """The options."""
        return options(self)

    def arrays(self) -> Arrays:
        """Both tables of factors and the spectrum that folding in needs."""
        self._fitted()
        return {
            "customer_factors": self.customer_factors_,
            "product_factors": self.product_factors_,
            "spectrum": self.spectrum_,
        }

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The model again, without learning."""
        model = cls(**params)
        model.customer_factors_ = arrays["customer_factors"]
        model.believe(arrays["product_factors"])
        model.spectrum_ = arrays["spectrum"]
        return model

    def _half_sweep(self, rows: Csr, fixed: FloatArray, moving: FloatArray) -> None:
        spectrum = np.float32(self.alpha) * turn(fixed, moving, threads=self.threads)
        solve(
            rows,
            Equations(fixed, spectrum, self.offset, self.steps),
            penalties=self._penalties(rows),
            out=moving,
            threads=self.threads,
        )

    def _penalties(self, rows: Csr) -> FloatArray:
        seen = np.asarray(rows.sum(axis=1), dtype=np.float64) + self.alpha * rows.shape[1]
        return (self.regularization * seen**self.exponent).astype(np.float32)

    def _rank(
        self, factors: FloatArray, k: int, exclude: Csr | None, allowed: BoolArray | None
    ) -> Ranked:
        table = self.product_factors_
        check_filters(len(factors), len(table), exclude, allowed)

        def work(rows: slice) -> Ranked:
            barred = None if exclude is None else exclude[rows]
            return top_pruned(
                factors[rows], table, self.lengths_, k=k, exclude=barred, allowed=allowed
            )

        starts = range(0, len(factors), CUSTOMERS_AT_ONCE)
        blocks = [slice(start, start + CUSTOMERS_AT_ONCE) for start in starts]
        parts = over(blocks, work, threads=self.threads) or [nothing(0, k)]
        return np.concatenate([p for p, _ in parts]), np.concatenate([s for _, s in parts])

    def _fitted(self) -> FloatArray:
        if not hasattr(self, "product_factors_"):
            raise NotFitted("ImplicitALS has learned nothing yet: call fit() first.")
        return self.product_factors_

    def _check_options(self) -> None:
        for name in ("factors", "iterations", "steps", "regularization", "alpha"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)!r}.")


def objective(model: ImplicitALS, rows: Csr) -> float:
    """What fit minimises, at the model's factors, for the weights (customers by products)."""
    customers, products = model.customer_factors_, model.product_factors_
    gramians = (_gramian(customers) * _gramian(products)).sum()
    total = model.alpha * float(gramians)
    for customer in range(rows.shape[0]):
        there = slice(rows.indptr[customer], rows.indptr[customer + 1])
        guess = (products[rows.indices[there]] @ customers[customer]).astype(np.float64)
        weights = rows.data[there]
        total += float((weights * guess**2 - 2 * (weights + model.offset) * guess + weights).sum())
    for factors, side in ((customers, rows), (products, rows.T.tocsr())):
        squares = np.square(factors, dtype=np.float64).sum(axis=1)
        total += float((model._penalties(side) * squares).sum())
    return total


def _gramian(table: FloatArray) -> DoubleArray:
    wide = table.astype(np.float64)
    return wide.T @ wide
