"""Maximum likelihood in logarithms, on histories of which equal ones are counted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.panel import FloatArray, IntArray
from retention.learning.value.buying import Buying

Surprise = Callable[[FloatArray], tuple[float, FloatArray]]
"""Logarithms of parameters (k,) -> minus log likelihood, and its gradient (k,)."""

_LARGEST: Final = 14.0
# Beyond e^14 a gamma or beta is a single value; the likelihood is flat there.
_FROM_BEST: Final = 2
"""So many of the starts, those of the highest likelihood, are followed to the top."""

_ROUGHLY: Final = 2_000


class NothingToLearn(ValueError):
    """The data does not determine a model."""


@dataclass(frozen=True)
class Patterns:
    """Different histories of repeat orders, and how many customers share each.

    again : (m,) order days after the first. last : (m,) time of the latest of them since the first.
    known : (m,) time since the first. Both in units of `unit` days, the longest time known.
    many : (m,) customers. counts : (c,) different values of `again`. place : (m,) row of counts.
    """

    again: FloatArray
    last: FloatArray
    known: FloatArray
    many: FloatArray
    unit: float
    counts: FloatArray
    place: IntArray

    @classmethod
    def of(cls, buying: Buying) -> Self:
        """The patterns of everyone who ordered. Raises NothingToLearn where nobody came again."""
        bought = buying.order_days > 0
        again, known = buying.order_days[bought] - 1, buying.tenure[bought]
        if not again.sum():
            raise NothingToLearn(
                f"Of {len(again)} customers none ordered on a second day; wait for more orders."
            )
        last = np.minimum(known - buying.silence[bought], known)
        by = np.lexsort((known, last, again))
        again, last, known = again[by], last[by], known[by]
        new = np.ones(len(by), dtype=bool)
        new[1:] = (np.diff(again) != 0) | (np.diff(last) != 0) | (np.diff(known) != 0)
        first = np.flatnonzero(new)
        many = np.diff(np.append(first, len(by))).astype(np.float64)
        unit = float(known.max())
        counts, place = np.unique(again[first], return_inverse=True)
        return cls(again[first], last[first] / unit, known[first] / unit, many, unit, counts, place)

    def thinned(self) -> Self:
        """Every so many of them, at most some 2,000."""
        step = 1 + len(self.many) // _ROUGHLY
        columns = (self.again, self.last, self.known, self.many)
        again, last, known, many = (column[::step] for column in columns)
        return type(self)(again, last, known, many, self.unit, self.counts, self.place[::step])

    def of_counts(self, values: NDArray[np.floating]) -> FloatArray:
        """What was computed for each different count, for each pattern."""
        return values[self.place].astype(np.float64)


@dataclass(frozen=True)
class Fitted:
    """The parameters found, (k,), and the log likelihood there."""

    parameters: FloatArray
    log_likelihood: float


def maximise(
    surprise: Surprise,
    starts: Sequence[Sequence[float]],
    *,
    prior: float | None = None,
    roughly: Surprise | None = None,
) -> Fitted:
    """Positive parameters of the highest likelihood, found from the best of several starts.

    surprise : takes logarithms. starts : parameters, each (k,).
    prior : standard deviation of a normal prior on the logarithms, around 0; None for none. With
        one, data that says nothing of a parameter leaves it near 1.
    roughly : the same of a part of the data, to find the neighbourhood with.
    """
    draft = _with(prior, roughly or surprise)
    tried = sorted((np.log(start) for start in starts), key=lambda logs: draft(logs)[0])
    found = [_climb(draft, start) for start in tried[:_FROM_BEST]]
    best = min(found, key=lambda logs: draft(logs)[0])
    if roughly is not None:
        best = _climb(_with(prior, surprise), best)
    return Fitted(np.exp(best), -surprise(best)[0])


def _with(prior: float | None, surprise: Surprise) -> Surprise:
    if prior is None:
        return surprise
    precision = 1 / prior**2

    def both(logs: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = surprise(logs)
        return value + precision * float(logs @ logs) / 2, gradient + precision * logs

    return both


def _climb(surprise: Surprise, start: FloatArray) -> FloatArray:
    from scipy.optimize import minimize

    found = minimize(
        surprise,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_LARGEST, _LARGEST)] * len(start),
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-6},
    )
    best: FloatArray = found.x
    return best
