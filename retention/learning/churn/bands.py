"""High, medium or low: what a probability is called where people work with it."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from retention.learning.panel import FloatArray, IntArray


class Band(IntEnum):
    """How likely a customer is to be lost."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True)
class Bands:
    """The operator's thresholds: a band begins at its probability."""

    medium: float = 0.3
    high: float = 0.6

    def __post_init__(self) -> None:
        """Refuse thresholds out of order."""
        if not 0 < self.medium < self.high < 1:
            raise ValueError(
                f"Bands need 0 < medium < high < 1, got medium {self.medium}, high {self.high}."
            )

    def of(self, probability: FloatArray) -> IntArray:
        """The Band of each probability, (n,)."""
        return np.digitize(probability, [self.medium, self.high]).astype(np.int64)


def suggest_bands(probability: FloatArray) -> Bands:
    """Thresholds that put about a fifth into high and the next three tenths into medium.

    Rounded to whole hundredths, for an operator to start from: where nearly everyone is lost,
    fixed thresholds would put everyone into one band.
    """
    medium, high = np.round(np.quantile(probability, [0.5, 0.8]), 2)
    medium = float(np.clip(medium, 0.01, 0.98))
    return Bands(medium=medium, high=float(np.clip(high, medium + 0.01, 0.99)))
