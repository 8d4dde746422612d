"""How strong a rule is, in the field's measures; the same for one basket and for a later order."""

import numpy as np

from retention.learning.measure.intervals import wilson_bounds
from retention.learning.panel import FloatArray, IntArray


class Measures:
    """Of m rules, (m,) each, from how many had the antecedent (`of`) and all of it (`both`).

    expected : how many of `of` would have the consequent by chance · q : see `chance.adjusted`.
    total : all that were counted · usual : the share that has the consequent anyway.
    """

    both: IntArray
    of: IntArray
    expected: FloatArray
    q: FloatArray

    @property
    def total(self) -> int:
        raise NotImplementedError

    @property
    def usual(self) -> FloatArray:
        raise NotImplementedError

    @property
    def support(self) -> FloatArray:
        """The share of all that has all of it."""
        return self.both / self.total

    @property
    def confidence(self) -> FloatArray:
        """The share of those with the antecedent that has the consequent too."""
        return self.both / self.of

    @property
    def lift(self) -> FloatArray:
        """How many times as often as usual (Brin et al. 1997)."""
        return self.confidence / self.usual

    @property
    def leverage(self) -> FloatArray:
        """The share of all that has it beyond chance (Piatetsky-Shapiro 1991)."""
        return self.support - self.of / self.total * self.usual

    @property
    def conviction(self) -> FloatArray:
        """How many times as often it would fail by chance; inf where it never failed."""
        fails = 1 - self.confidence
        safe = np.where(fails > 0, fails, 1.0)
        return np.where(fails > 0, (1 - self.usual) / safe, np.inf)

    @property
    def beyond(self) -> FloatArray:
        """How many more than chance gives."""
        return self.both - self.expected

    @property
    def factor_low(self) -> FloatArray:
        """How many times as many as chance gives, at the low end of the interval."""
        return self.bounds()[0] * self.of / self.expected

    def bounds(self, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Wilson's interval of the confidence."""
        return wilson_bounds(self.both, self.of, level=level)
