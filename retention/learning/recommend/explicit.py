"""Stars: what a customer would give a product, from what everyone gave.

`ExplicitALS` is ridge regression in turns (Koren, Bell and Volinsky 2009). `BayesianFactors` means
over many tables of factors drawn by Gibbs sampling (Salakhutdinov and Mnih 2008), here with the
biases drawn beside them, and is closer to what people give.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.random import Generator

from retention.learning.interactions import Csr, DoubleArray, IntArray, Interactions
from retention.learning.recommend.protocol import Progress, check_events, silent
from retention.learning.recommend.rated import RatedFactors, Sheet, latest, ridge

# Prior counts of the Gaussian-Wishart prior: two means, and as many matrices as factors.
MEANS = 2.0


@dataclass(kw_only=True, eq=False)
class ExplicitALS(RatedFactors):
    """Minimises Σ (stars - mean - b_u - b_p - x_u·y_p)² + penalty Σ n (|row|² + its b²).

    Only what was rated is summed; each row's penalty counts its n ratings (Zhou and others 2008).
    """

    factors: int = 8
    regularization: float = 0.15
    iterations: int = 20
    seed: int = 0

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Learn from the latest stars of each pair before at_day; weights are the stars."""
        _check(self.factors, self.iterations)
        check_events(interactions, at_day)
        stars = latest(interactions, at_day)
        self.level_ = float(stars.data.mean())
        turned = stars.T.tocsr()
        rng = np.random.default_rng(self.seed)
        products = Sheet.drawn(stars.shape[1], self.factors, rng)
        products = replace(
            products, precision=self.regularization * np.eye(self.factors + 1), by_count=True
        )
        for sweep in range(self.iterations):
            people = replace(products, table=ridge(stars, products, self.level_))
            products = replace(products, table=ridge(turned, people, self.level_))
            progress(sweep + 1, self.iterations, "learning what people give")
        self._keep([products], stars)
        return self


@dataclass(kw_only=True, eq=False)
class BayesianFactors(RatedFactors):
    """The mean of `kept` draws of the factors, `thinning` sweeps apart, after `burn_in` sweeps.

    No penalty has to be chosen: it is drawn too. 100,000 ratings and 25 draws take
    about 5 s; a customer folds in by one small system a draw.
    """

    factors: int = 16
    burn_in: int = 20
    kept: int = 25
    thinning: int = 4
    seed: int = 0

    def fit(
        self, interactions: Interactions, *, at_day: float, progress: Progress = silent
    ) -> Self:
        """Learn from the latest stars of each pair before at_day; weights are the stars."""
        check_events(interactions, at_day)
        return self.fit_stars(latest(interactions, at_day), progress=progress)

    def fit_stars(self, stars: Csr, *, progress: Progress = silent) -> Self:
        """Learn from stars (customers, products)."""
        _check(self.factors, self.kept, self.thinning)
        self.level_ = float(stars.data.mean())
        total = self.burn_in + self.kept * self.thinning
        sheets = []
        for sweep, sheet in enumerate(self._draws(total, stars), start=1):
            if sweep > self.burn_in and (sweep - self.burn_in) % self.thinning == 0:
                sheets.append(sheet)
            progress(sweep, total, "drawing what people give")
        self._keep(sheets, stars)
        return self

    def _draws(self, total: int, stars: Csr) -> Iterator[Sheet]:
        """Sheets of products, each with the prior of the customers, sweep after sweep."""
        turned = stars.T.tocsr()
        owners = np.repeat(np.arange(stars.shape[0], dtype=np.int32), np.diff(stars.indptr))
        rng = np.random.default_rng(self.seed)
        people = Sheet.drawn(stars.shape[0], self.factors, rng).table
        products = Sheet.drawn(stars.shape[1], self.factors, rng).table
        trust = 1.0
        for _ in range(total):
            mean, precision = _prior(people, rng)
            asked = Sheet(products, mean=mean, precision=precision, trust=trust)
            people = ridge(stars, asked, self.level_, rng=rng)
            mean, precision = _prior(products, rng)
            products = ridge(turned, Sheet(people, mean, precision, trust), self.level_, rng=rng)
            left = stars.data - self.level_ - _matched(people, products, owners, stars.indices)
            trust = rng.gamma(len(left) / 2 + 1, 1 / (float(left @ left) / 2 + 1))
            yield Sheet(products, asked.mean, asked.precision, trust)


def _matched(
    people: DoubleArray, products: DoubleArray, customer: IntArray, product: IntArray
) -> DoubleArray:
    """Biases and factors of pairs, (n,): the last column of a table is its bias."""
    x, y = people[customer], products[product]
    matched: DoubleArray = np.einsum("ij,ij->i", x[:, :-1], y[:, :-1]) + x[:, -1] + y[:, -1]
    return matched


def _prior(table: DoubleArray, rng: Generator) -> tuple[DoubleArray, DoubleArray]:
    """A mean and a precision drawn from what is left of the Gaussian-Wishart prior."""
    n, width = table.shape
    middle = table.mean(axis=0)
    spread = (table - middle).T @ (table - middle)
    apart = n * MEANS / (n + MEANS) * np.outer(middle, middle)
    inner = np.linalg.inv(np.eye(width) + spread + apart)
    lower = np.linalg.cholesky((inner + inner.T) / 2)
    # A Wishart draw by Bartlett's triangle (1933).
    triangle = np.tril(rng.standard_normal((width, width)), -1)
    triangle += np.diag(np.sqrt(rng.chisquare(width + n - np.arange(width))))
    root = lower @ triangle
    precision = root @ root.T
    narrow = np.linalg.cholesky((n + MEANS) * precision)
    mean = n * middle / (n + MEANS) + np.linalg.solve(narrow.T, rng.standard_normal(width))
    return mean, precision


def _check(*counts: int) -> None:
    if min(counts) < 1:
        raise ValueError(f"Factors, sweeps and draws must be 1 or more, they are {counts}.")
