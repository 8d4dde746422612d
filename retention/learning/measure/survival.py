"""How long until something happens, where for some it has not happened yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention.learning.panel import FloatArray, IntArray

from .intervals import Estimate, z_of


@dataclass(frozen=True)
class Survival:
    """Of whom it has not happened by the end of each day, estimated.

    All arrays are (d + 1,), a value a whole day from 0. at_risk : of whom it was still to happen
    when the day began, and who were watched through it. surviving : the share of whom it has not
    happened by its end; low, high : its interval, nan where nobody was at risk any more.
    """

    at_risk: IntArray
    surviving: FloatArray
    low: FloatArray
    high: FloatArray
    level: float

    @property
    def median(self) -> Estimate:
        """The day by which it has happened to half of them; nan where it has not to so many.

        The interval holds the days whose own interval holds one half (Brookmeyer and Crowley
        1982); inf where the upper end was not reached while anybody was watched.
        """
        value, low, high = (_first_below(share) for share in (self.surviving, self.low, self.high))
        return Estimate(value, low, float("inf") if np.isnan(high) else high, self.level)

    def happened(self, day: int) -> Estimate:
        """The share to whom it has happened by the end of a day; nan beyond the last watched."""
        if day >= len(self.at_risk) or not self.at_risk[day]:
            return Estimate(float("nan"), float("nan"), float("nan"), self.level)
        ends = (self.surviving[day], self.high[day], self.low[day])
        value, low, high = (1 - float(share) for share in ends)
        return Estimate(value, low, high, self.level)


def kaplan_meier(
    happened: Sequence[int], censored: Sequence[int], *, level: float = 0.95
) -> Survival:
    """The product-limit estimate of Kaplan and Meier (1958).

    happened, censored : (d + 1,) to how many it happened on each whole day from 0, and how many
        were watched to the end of that day without; who is censored on a day was at risk on it.
    The interval is Greenwood's (1926) on the scale of log(-log), which keeps it between 0 and 1
    (Kalbfleisch and Prentice 1980). It takes the waits to be independent of each other.
    Raises ValueError for counts that are negative or not as many as the others.
    """
    events, gone = np.asarray(happened, dtype=np.int64), np.asarray(censored, dtype=np.int64)
    if events.shape != gone.shape or events.ndim != 1:
        raise ValueError(f"Expected a count a day of both, got {events.shape} and {gone.shape}.")
    if (events < 0).any() or (gone < 0).any():
        raise ValueError("Counts of whom it happened to or not are at least 0.")
    left = np.cumsum((events + gone)[::-1])[::-1]
    risk = np.maximum(left, 1)
    surviving = np.cumprod(1 - events / risk, dtype=np.float64)
    # A day on which it happened to all that were left: nobody survives, whatever the variance.
    terms = np.where(left > events, events / (risk * np.maximum(left - events, 1)), 0.0)
    low, high = _bounds(surviving, np.cumsum(terms), z_of(level))
    watched = left > 0
    return Survival(
        left, surviving, np.where(watched, low, np.nan), np.where(watched, high, np.nan), level
    )


def _bounds(
    surviving: FloatArray, greenwood: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """greenwood : the variance over the square of the estimate. Nothing known at 1 and 0."""
    inside = (surviving > 0) & (surviving < 1)
    log = np.log(np.where(inside, surviving, 0.5))
    spread = z * np.sqrt(greenwood) / np.abs(log)
    low, high = np.exp(log * np.exp(spread)), np.exp(log * np.exp(-spread))
    return np.where(inside, low, surviving), np.where(inside, high, surviving)


def _first_below(shares: FloatArray) -> float:
    days = np.flatnonzero(shares <= 0.5)
    return float(days[0]) if len(days) else float("nan")
