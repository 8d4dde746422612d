"""How much a purchase says about a product, before products are compared."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retention.learning.interactions import Csr

Weighting = Literal["bm25", "tfidf", "cosine"]


def weighted(weights: Csr, weighting: Weighting) -> Csr:
    """Customers by products, weighted the way named; columns are not yet of unit length.

    tfidf takes the root of a weight; bm25 saturates it, sooner for products that everybody has.
    Both count customers of a narrow taste for more. cosine takes the weights as they are.
    """
    if weighting == "cosine":
        return weights
    if weighting == "tfidf":
        return _scaled(weights, np.sqrt(weights.data))
    if weighting == "bm25":
        return _scaled(weights, _saturated(weights))
    raise ValueError(f"weighting must be bm25, tfidf or cosine, not {weighting!r}.")


def _saturated(weights: Csr) -> NDArray[np.floating]:
    """Saturation 1.2 and length 0.75, the usual choice (Robertson and Zaragoza 2009)."""
    sizes = np.asarray(weights.sum(axis=0), dtype=np.float64)
    relative = sizes / max(float(sizes.mean()), 1e-12)
    return weights.data * 2.2 / (weights.data + 1.2 * (0.25 + 0.75 * relative[weights.indices]))


def _scaled(weights: Csr, values: NDArray[np.floating]) -> Csr:
    """Values times the log of the catalogue over what their customer took of it."""
    taken = np.diff(weights.indptr)
    narrow = np.log1p(weights.shape[1] / taken.clip(1))
    scaled = weights.copy()
    scaled.data = (values * np.repeat(narrow, taken)).astype(np.float32)
    return scaled
