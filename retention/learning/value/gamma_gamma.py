"""Gamma-Gamma: what a customer spends at an order varies around a mean of her own.

Fader and Hardie 2013: The Gamma-Gamma model of monetary value (brucehardie.com, note 025).
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

from retention.learning.panel import FloatArray
from retention.learning.value.likelihood import NothingToLearn, maximise

_STARTS: Final = ((1.0, 3.0, 2.0), (5.0, 4.0, 0.6), (0.5, 2.0, 2.0), (20.0, 3.0, 0.1))


@dataclass(frozen=True)
class GammaGamma:
    """Amounts are gamma distributed with shape p and a rate of her own; rates too (q, gamma).

    gamma : minor units, or whatever the amounts were. log_likelihood : of the means it was learned
    from; nan where given by hand.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, many: FloatArray, total: FloatArray, *, prior: float | None = None) -> Self:
        """Maximum likelihood; a normal prior of that standard deviation on the logarithms if given.

        many : (n,) orders of each customer. total : (n,) what they came to. Who has none, or whose
        orders came to nothing, is left out. Raises NothingToLearn where nobody has two orders.
        """
        kept = (many > 0) & (total > 0)
        many, total = many[kept], total[kept]
        if not (many > 1).any():
            raise NothingToLearn(
                f"None of {len(many)} customers has two orders with an amount; wait for more."
            )
        unit = float(total.sum() / many.sum())
        amounts = _Amounts.of(many, total / unit)
        found = maximise(lambda logs: _surprise(logs, amounts), _STARTS, prior=prior)
        p, q, gamma = found.parameters.tolist()
        return cls(p, q, gamma * unit, found.log_likelihood - len(many) * np.log(unit))

    def expected(self, many: FloatArray, total: FloatArray) -> FloatArray:
        """Mean amount of her next orders, (n,), between her own and everyone's.

        Where q is at most 1 and she has no order, there is none: infinite.
        """
        shape = self.p * many + self.q - 1
        with np.errstate(divide="ignore"):
            mean = np.where(shape > 0, self.p * (self.gamma + total) / np.maximum(shape, 0), np.inf)
        expected: FloatArray = mean
        return expected

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        return {"gamma_gamma": np.array([self.p, self.q, self.gamma])}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The model again from `arrays()`."""
        return cls(*arrays["gamma_gamma"].tolist())


@dataclass(frozen=True)
class _Amounts:
    """many, total : (n,). counts : (c,) different values of many; place : (n,) row of counts."""

    many: FloatArray
    total: FloatArray
    counts: FloatArray
    place: NDArray[np.intp]

    @classmethod
    def of(cls, many: FloatArray, total: FloatArray) -> Self:
        counts, place = np.unique(many, return_inverse=True)
        return cls(many, total, counts, place)


def _surprise(logs: FloatArray, amounts: _Amounts) -> tuple[float, FloatArray]:
    """Minus the log likelihood of the means, and its gradient by the logarithms."""
    p, q, gamma = np.exp(logs)
    many, total, n = amounts.many, amounts.total, len(amounts.many)
    x, place = amounts.counts, amounts.place
    both = np.log(gamma + total)
    each = gammaln(p * x + q) - gammaln(p * x) + np.log(x)
    shape = p * many + q
    likelihood = (
        each[place].sum()
        + n * (q * logs[2] - gammaln(q))
        + ((p * many - 1) * np.log(total)).sum()
        - (shape * both).sum()
    )
    slope = x * (digamma(p * x + q) - digamma(p * x))
    gradient = (
        slope[place].sum() + (many * (np.log(total) - both)).sum(),
        digamma(p * x + q)[place].sum() + n * (logs[2] - digamma(q)) - both.sum(),
        n * q / gamma - (shape / (gamma + total)).sum(),
    )
    return -float(likelihood), -np.array(gradient) * np.exp(logs)
