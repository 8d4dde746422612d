"""Stars without taste: how generous a customer is, and how well liked a product is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import Csr, DoubleArray
from retention.learning.recommend.protocol import Arrays, Params

PRODUCT_PRIOR, CUSTOMER_PRIOR = 25.0, 10.0
"""Few ratings are drawn to the average by so many of it, as Koren (2010) has it."""


@dataclass(frozen=True, eq=False)
class Biases:
    """level + product + customer (Koren 2010, eq. 1): who gives much, and what is given much.

    products : (m,) what each adds to the level; 0 where it was never rated.
    """

    level: float
    products: DoubleArray

    @classmethod
    def of(cls, stars: Csr) -> Self:
        """From the stars (n, m) given."""
        level = float(stars.data.mean())
        return cls(level, _drawn(stars.data - level, stars.indices, stars.shape[1], PRODUCT_PRIOR))

    def foretell(
        self, stars: Csr, rows: NDArray[np.integer], products: NDArray[np.integer]
    ) -> DoubleArray:
        """Stars (k,) that the customers in rows of stars (n, m) would give products, (k,) each."""
        owners = np.repeat(np.arange(stars.shape[0]), np.diff(stars.indptr))
        left = stars.data - self.level - self.products[stars.indices]
        own = _drawn(left, owners, stars.shape[0], CUSTOMER_PRIOR)
        said: DoubleArray = self.level + own[rows] + self.products[products]
        return said

    def params(self) -> Params:
        """The level."""
        return {"level": self.level}

    def arrays(self) -> Arrays:
        """What each product adds."""
        return {"products": self.products}

    def without_customers(self) -> Arrays:
        """The same: it knows nobody."""
        return self.arrays()

    @classmethod
    def from_arrays(cls, params: Params, arrays: Arrays) -> Self:
        """The same again, without learning."""
        return cls(params["level"], arrays["products"])


def _drawn(
    left: NDArray[np.floating], rows: NDArray[np.integer], n: int, prior: float
) -> DoubleArray:
    sums = np.bincount(rows, left, minlength=n)
    means: DoubleArray = sums / (prior + np.bincount(rows, minlength=n))
    return means
