"""Lists with where each product came from, and what its score is a sum of."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from retention.learning.interactions import BoolArray, DoubleArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Parts:
    """What a learned score is a sum of; nan where a list has ended or was fused by rank.

    base : (n, k). effects, figures : (n, k, features) what each of evidence.FEATURES adds, and is.
    """

    base: DoubleArray
    effects: DoubleArray
    figures: DoubleArray

    @classmethod
    def unknown(cls, n: int, k: int, features: int) -> Self:
        """Where nothing was explained yet."""
        wide = (n, k, features)
        return cls(np.full((n, k), np.nan), np.full(wide, np.nan), np.full(wide, np.nan))


@dataclass(frozen=True, eq=False)
class Blend:
    """Fused lists and where each product came from.

    products, scores : (n, k), ending in -1, nan.
    names : the m models. ranks : (n, k, m) the place, from 1, each model gave the product, 0 for
    none. found_by : (n, k) the model that counted most, -1 where the list has ended.
    personalised : (n,) whether anything but popularity had something to say.
    parts : what the scores are sums of; None where all were fused by rank.
    """

    products: IntArray
    scores: FloatArray
    names: tuple[str, ...]
    ranks: IntArray
    found_by: IntArray
    personalised: BoolArray
    parts: Parts | None = None
