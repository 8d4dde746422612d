"""BG/NBD: customers order at their own rate, and after any order may have been there for good.

Fader, Hardie and Lee 2005: "Counting your customers" the easy way. Marketing Science 24(2).
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln, hyp2f1

from retention.learning.panel import FloatArray
from retention.learning.value.buying import Buying
from retention.learning.value.counts import nbd_at_least
from retention.learning.value.likelihood import Patterns, maximise

# Where a is 1 the mean is a limit; this near to it the formula loses no digit that matters.
_NEAR: Final = 1e-6
_STARTS: Final = (
    (0.5, 0.2, 0.5, 2.0),
    (0.2, 0.05, 0.5, 1.0),
    (1.0, 0.1, 0.1, 1.0),
    (2.0, 1.0, 1.0, 5.0),
    (0.5, 1.0, 0.02, 1.0),
)


@dataclass(frozen=True)
class BgNbd:
    """Rates are gamma distributed (r, alpha in days), chances of leaving at an order beta (a, b).

    log_likelihood : of the customers it was learned from, times in days; nan where given by hand.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, buying: Buying, *, prior: float | None = None) -> Self:
        """Maximum likelihood; a normal prior of that standard deviation on the logarithms if given.

        Raises NothingToLearn where nobody came again. 100,000 customers take under a second.
        """
        patterns = Patterns.of(buying)
        found = maximise(lambda logs: _surprise(logs, patterns), _STARTS, prior=prior)
        r, alpha, a, b = found.parameters.tolist()
        shift = float(patterns.many @ patterns.again) * np.log(patterns.unit)
        return cls(r, alpha * patterns.unit, a, b, found.log_likelihood - shift)

    def alive(self, buying: Buying) -> FloatArray:
        """Probability that she still is a customer, (n,); nan for who never ordered."""
        again = buying.order_days - 1
        missed = np.log((self.alpha + buying.tenure) / (self.alpha + _last(buying)))
        gone = np.log(self.a) - np.log(self.b + np.maximum(again, 1) - 1)
        odds = np.where(again > 0, gone + (self.r + again) * missed, -np.inf)
        alive: FloatArray = np.exp(-np.logaddexp(0, odds))
        return np.where(again >= 0, alive, np.nan)

    def expected(
        self, buying: Buying, *, days: FloatArray | float, rate: FloatArray | float = 1.0
    ) -> FloatArray:
        """Order days to come, (n,); nan for who never ordered.

        days, rate : (n,) or a number; rate: so many times as fast as so far.
        """
        again, share = np.maximum(buying.order_days - 1, 0), self._share(buying, days, rate)
        # The Euler transform keeps the arguments small, so it is finite at any number of orders.
        a = self.a if abs(self.a - 1) > _NEAR else 1 + _NEAR
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + again - 1, share)
        stays = (a + self.b + again - 1) / (a - 1) * (1 - (1 - share) ** (a - 1) * series)
        expected: FloatArray = self.alive(buying) * stays
        return expected

    def at_least(
        self,
        buying: Buying,
        *,
        days: FloatArray | float,
        most: int,
        rate: FloatArray | float = 1.0,
    ) -> FloatArray:
        """Probabilities of at least 1, 2, ... most order days of who is a customer, (n, most).

        Order day number k comes if the clock gives k, and she stayed after the k - 1 before.
        """
        again = np.maximum(buying.order_days - 1, 0)
        clock = nbd_at_least(self.r + again, self._share(buying, days, rate), most)
        k, b = np.arange(1, most + 1), self.b + again[:, None]
        stayed = betaln(self.a, b + k - 1) - betaln(self.a, b)
        likely: FloatArray = clock * np.exp(stayed)
        return likely

    def _share(
        self, buying: Buying, days: FloatArray | float, rate: FloatArray | float
    ) -> FloatArray:
        """Of the clock's time until then, what is still to come."""
        ahead = days * rate
        share: FloatArray = ahead / (self.alpha + buying.tenure + ahead)
        return share

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        return {"bgnbd": np.array([self.r, self.alpha, self.a, self.b])}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The model again from `arrays()`."""
        return cls(*arrays["bgnbd"].tolist())


def _last(buying: Buying) -> FloatArray:
    """Days from the first to the last order day."""
    return buying.tenure - buying.silence


def _surprise(logs: FloatArray, patterns: Patterns) -> tuple[float, FloatArray]:
    """Minus the log likelihood, and its gradient by the logarithms of r, alpha, a and b."""
    r, alpha, a, b = np.exp(logs)
    many, shape = patterns.many, r + patterns.again
    known, last = alpha + patterns.known, alpha + patterns.last
    survived = b + np.maximum(patterns.again, 1) - 1
    stays = -shape * np.log(known)
    left = np.log(a / survived) - shape * np.log(last)
    both = np.where(patterns.again > 0, np.logaddexp(stays, left), stays)
    here = np.exp(stays - both)
    gone = 1 - here
    clock, chance = _by_count(r, a, b, patterns)
    likelihood = many @ (clock[0] + chance[0] + both) + many.sum() * r * logs[1]
    gradient = (
        many @ (clock[1] - here * np.log(known) - gone * np.log(last)) + many.sum() * logs[1],
        many.sum() * r / alpha - many @ (shape * (here / known + gone / last)),
        many @ (chance[1] + gone / a),
        many @ (chance[2] - gone / survived),
    )
    return -float(likelihood), -np.array(gradient) * np.exp(logs)


def _by_count(
    r: float, a: float, b: float, patterns: Patterns
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray, FloatArray]]:
    """What depends on the number of orders alone: computed once for each, (m,) by pattern.

    ln gamma(r + x) / gamma(r) and its slope by r; ln B(a, b + x) / B(a, b), its slopes by a and b.
    """
    x = patterns.counts
    both = digamma(a + b) - digamma(a + b + x)
    clock = (gammaln(r + x) - gammaln(r), digamma(r + x) - digamma(r))
    chance = (betaln(a, b + x) - betaln(a, b), both, both + digamma(b + x) - digamma(b))
    spread = patterns.of_counts
    return (spread(clock[0]), spread(clock[1])), (
        spread(chance[0]),
        spread(chance[1]),
        spread(chance[2]),
    )
