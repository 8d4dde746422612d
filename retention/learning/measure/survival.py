"""How long until something happens, where for some it has not happened yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

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


def kaplan_meier(happened: ArrayLike, censored: ArrayLike, *, level: float = 0.95) -> Survival:
    """The product-limit estimate of Kaplan and Meier (1958).

    happened, censored : (d + 1,) to how many it happened on each whole day from 0, and how many
        were watched to the end of that day without; who is censored on a day was at risk on it.
        Or (g, d + 1), by groups, where waits of one group depend on each other: a customer's.
    The interval is Greenwood's (1926) on the scale of log(-log), which keeps it between 0 and 1
    (Kalbfleisch and Prentice 1980), and takes the waits to be independent of each other. That of
    groups takes only these to be (Williams 1995), with g - 1 degrees of freedom.
    Raises ValueError for counts that are negative or not as many as the others.
    """
    events, gone = np.asarray(happened, dtype=np.int64), np.asarray(censored, dtype=np.int64)
    if events.shape != gone.shape or events.ndim not in {1, 2}:
        raise ValueError(f"Expected a count a day of both, got {events.shape} and {gone.shape}.")
    if (events < 0).any() or (gone < 0).any():
        raise ValueError("Counts of whom it happened to or not are at least 0.")
    by_group, gone_by_group = np.atleast_2d(events), np.atleast_2d(gone)
    at_risk = np.cumsum((by_group + gone_by_group)[:, ::-1], axis=1)[:, ::-1]
    left, events = at_risk.sum(axis=0), by_group.sum(axis=0)
    risk = np.maximum(left, 1)
    surviving = np.cumprod(1 - events / risk, dtype=np.float64)
    # A day on which it happened to all that were left: nobody survives, whatever the variance.
    stay = np.where(left > events, left - events, np.inf)
    if gone.ndim == 1:
        low, high = _bounds(surviving, np.cumsum(events / (risk * stay)), z_of(level))
    else:
        # What each group adds to the error of log(surviving), day by day.
        missed = np.cumsum((by_group - at_risk * (events / risk)) / stay, axis=1)
        low, high = _bounds(surviving, *_between(missed[at_risk[:, 0] > 0], level))
    watched = left > 0
    return Survival(
        left, surviving, np.where(watched, low, np.nan), np.where(watched, high, np.nan), level
    )


def _between(errors: FloatArray, level: float) -> tuple[FloatArray, float]:
    """The variance of the sum of groups' errors (g, d), and how wide its interval is."""
    freedom = float(max(len(errors) - 1, 1))
    variance: FloatArray = (errors**2).sum(axis=0) * (freedom + 1) / freedom
    return variance, float(stdtrit(freedom, 0.5 + level / 2))


def _bounds(surviving: FloatArray, variance: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """variance : of the estimate over the square of the estimate. Nothing known at 1 and 0."""
    inside = (surviving > 0) & (surviving < 1)
    log = np.log(np.where(inside, surviving, 0.5))
    spread = z * np.sqrt(variance) / np.abs(log)
    low, high = np.exp(log * np.exp(spread)), np.exp(log * np.exp(-spread))
    return np.where(inside, low, surviving), np.where(inside, high, surviving)


def _first_below(shares: FloatArray) -> float:
    days = np.flatnonzero(shares <= 0.5)
    return float(days[0]) if len(days) else float("nan")
