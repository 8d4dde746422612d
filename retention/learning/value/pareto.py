"""Pareto/NBD: customers order at their own rate until they leave, at a moment of their own.

Schmittlein, Morrison and Colombo 1987: Counting your customers: who are they and what will they do
next? Management Science 33(1). The likelihood is an integral over the moment of leaving, of which
the textbooks' hypergeometric functions are the closed form; the integral has no cancellation.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from retention.learning.panel import FloatArray
from retention.learning.value.buying import Buying
from retention.learning.value.counts import nbd_at_least
from retention.learning.value.likelihood import Patterns, maximise

_STARTS: Final = (
    (0.5, 0.2, 0.5, 0.2),
    (0.5, 0.2, 1.0, 1.0),
    (1.0, 0.1, 0.5, 1.0),
    (2.0, 1.0, 2.0, 2.0),
    (0.2, 0.05, 0.2, 0.05),
)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
# Where she is likelier to have ordered again than to have stayed silent by e^-40, nothing is left.
_FAR: Final = 40.0
# Moments of leaving within a forecast, at which what comes until then is counted; beyond e^-25
# nobody is left to leave.
_MOMENTS, _SHARES = np.polynomial.legendre.leggauss(10)
_MOMENTS, _SHARES = (_MOMENTS + 1) / 2, _SHARES / 2
_LATE: Final = 25.0


@dataclass(frozen=True)
class ParetoNbd:
    """Rates of ordering are gamma distributed (r, alpha days), those of leaving too (s, beta days).

    log_likelihood : of the customers it was learned from, times in days; nan where given by hand.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, buying: Buying, *, prior: float | None = None) -> Self:
        """Maximum likelihood; a normal prior of that standard deviation on the logarithms if given.

        Raises NothingToLearn where nobody came again. 100,000 customers take some 10 s.
        """
        patterns = Patterns.of(buying)
        some = patterns.thinned()
        found = maximise(
            lambda logs: _surprise(logs, patterns),
            _STARTS,
            prior=prior,
            roughly=lambda logs: _surprise(logs, some),
        )
        r, alpha, s, beta = found.parameters.tolist()
        shift = float(patterns.many @ patterns.again) * np.log(patterns.unit)
        unit = patterns.unit
        return cls(r, alpha * unit, s, beta * unit, found.log_likelihood - shift)

    def alive(self, buying: Buying) -> FloatArray:
        """Probability that she still is a customer, (n,); nan for who never ordered."""
        again = buying.order_days - 1
        alive = np.full(len(again), np.nan)
        for rows in np.array_split(np.flatnonzero(again >= 0), 1 + len(again) // _CHUNK):
            some = buying.take(rows)
            stays = _stays(self._logs, some.order_days - 1, some.tenure)
            last = np.minimum(some.tenure - some.silence, some.tenure)
            left = _left(self._logs, some.order_days - 1, last, some.tenure).log
            alive[rows] = np.exp(stays - np.logaddexp(stays, left))
        return alive

    def expected(
        self, buying: Buying, *, days: FloatArray | float, rate: FloatArray | float = 1.0
    ) -> FloatArray:
        """Order days to come, (n,); nan for who never ordered.

        days, rate : (n,) or a number; rate: so many times as fast as so far.
        """
        a_day = rate * (self.r + buying.order_days - 1) / (self.alpha + buying.tenure)
        beta = self.beta + buying.tenure
        # Mean days she stays of these: a logarithm where s is 1.
        grown, s = np.log1p(days / beta), self.s - 1
        stays = beta * (grown if abs(s) < _FLAT else -np.expm1(-s * grown) / s)
        expected: FloatArray = self.alive(buying) * a_day * stays
        return expected

    def at_least(
        self,
        buying: Buying,
        *,
        days: FloatArray | float,
        most: int,
        rate: FloatArray | float = 1.0,
    ) -> FloatArray:
        """Probabilities of at least 1, 2, ... most order days of who is a customer, (n, most)."""
        n = len(buying.order_days)
        shape = self.r + np.maximum(buying.order_days - 1, 0)
        scale, beta = self.alpha + buying.tenure, self.beta + buying.tenure
        rates, ends = np.broadcast_to(rate, n), np.broadcast_to(days, n)
        width = np.log1p(ends / beta)
        stays = np.exp(-self.s * width)
        likely = stays[:, None] * nbd_at_least(*_clock(shape, scale, rates * ends), most)
        width = np.minimum(width, _LATE / self.s)
        weights = _SHARES * np.exp(-self.s * width[:, None] * _MOMENTS)
        weights *= ((1 - stays) / weights.sum(axis=1))[:, None]
        for moment, weight in zip(_MOMENTS, weights.T, strict=True):
            # Leaves then: what comes, comes before.
            ahead = rates * beta * np.expm1(width * moment)
            likely += weight[:, None] * nbd_at_least(*_clock(shape, scale, ahead), most)
        return likely

    @property
    def _logs(self) -> FloatArray:
        return np.log([self.r, self.alpha, self.s, self.beta])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        return {"pareto": np.array([self.r, self.alpha, self.s, self.beta])}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The model again from `arrays()`."""
        return cls(*arrays["pareto"].tolist())


# So near to 1, s makes the mean a logarithm to all digits that matter.
_FLAT: Final = 1e-9
_CHUNK: Final = 20_000


def _clock(
    shape: FloatArray, scale: FloatArray, ahead: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shape and share of the negative binomial counts of these days ahead."""
    return shape, ahead / (scale + ahead)


def _stays(logs: FloatArray, again: FloatArray, known: FloatArray) -> FloatArray:
    """Log likelihood of these orders and of staying to the end, without what is common, (n,)."""
    r, alpha, s, beta = np.exp(logs)
    stays: FloatArray = -(r + again) * np.log(alpha + known) - s * np.log(beta + known)
    return stays


@dataclass(frozen=True)
class _Left:
    """Leaving between the last order and the end; all (n,), means over the moment of leaving.

    log : log likelihood. log_alpha, log_beta : ln(alpha + moment), ln(beta + moment).
    per_alpha, per_beta : 1 / (alpha + moment), 1 / (beta + moment).
    """

    log: FloatArray
    log_alpha: FloatArray
    log_beta: FloatArray
    per_alpha: FloatArray
    per_beta: FloatArray


def _left(logs: FloatArray, again: FloatArray, last: FloatArray, known: FloatArray) -> _Left:
    """Integral over y from last to known of s (alpha + y)^-(r + x) (beta + y)^-(s + 1).

    Gauss and Legendre's 32 points in ln(y + the smaller of alpha and beta), up to where silence is
    too unlikely to count: relative error below 1e-9.
    """
    r, alpha, s, beta = np.exp(logs)
    shape, least = r + again, min(alpha, beta)
    # exp(700) overflows; nobody is known for so long.
    until = (alpha + last) * np.exp(np.minimum(_FAR / shape, 100.0)) - alpha
    width = np.log1p((np.minimum(known, until) - last) / (least + last))
    near = np.log(least + last)[:, None] + width[:, None] * _NODES
    moment = np.exp(near) - least
    by_alpha, by_beta = near, near
    if alpha > least:
        by_alpha = np.log(alpha + moment)
    elif beta > least:
        by_beta = np.log(beta + moment)
    each = -shape[:, None] * by_alpha - (s + 1) * by_beta + near
    highest = each.max(axis=1)
    weights = np.exp(each - highest[:, None]) * _WEIGHTS
    total = weights.sum(axis=1)
    weights /= total[:, None]
    with np.errstate(divide="ignore"):  # Who ordered on the last day has had no time to leave.
        log = logs[2] + highest + np.log(total) + np.log(width)
    return _Left(
        log=log,
        log_alpha=np.einsum("ij,ij->i", weights, by_alpha),
        log_beta=np.einsum("ij,ij->i", weights, by_beta),
        per_alpha=np.einsum("ij,ij->i", weights, 1 / (alpha + moment)),
        per_beta=np.einsum("ij,ij->i", weights, 1 / (beta + moment)),
    )


def _surprise(logs: FloatArray, patterns: Patterns) -> tuple[float, FloatArray]:
    """Minus the log likelihood, and its gradient by the logarithms of r, alpha, s and beta."""
    r, alpha, s, beta = np.exp(logs)
    many, shape, n = patterns.many, r + patterns.again, patterns.many.sum()
    stays = _stays(logs, patterns.again, patterns.known)
    left = _left(logs, patterns.again, patterns.last, patterns.known)
    both = np.logaddexp(stays, left.log)
    here = np.exp(stays - both)
    gone = 1 - here
    by_alpha, by_beta = alpha + patterns.known, beta + patterns.known
    x = patterns.counts
    clock = patterns.of_counts(gammaln(r + x) - gammaln(r))
    slope = patterns.of_counts(digamma(r + x) - digamma(r))
    likelihood = many @ (clock + both) + n * (r * logs[1] + s * logs[3])
    gradient = (
        many @ (slope - here * np.log(by_alpha) - gone * left.log_alpha) + n * logs[1],
        n * r / alpha - many @ (shape * (here / by_alpha + gone * left.per_alpha)),
        n * logs[3] - many @ (here * np.log(by_beta) + gone * (left.log_beta - 1 / s)),
        n * s / beta - many @ (here * s / by_beta + gone * (s + 1) * left.per_beta),
    )
    return -float(likelihood), -np.array(gradient) * np.exp(logs)
