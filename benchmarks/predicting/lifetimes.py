"""The peer `lifetimes`, told the same customers; times in weeks, amounts as given."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any, Final

import numpy as np

from retention.learning.panel import FloatArray
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying
from retention.learning.value.gamma_gamma import GammaGamma
from retention.learning.value.pareto import ParetoNbd

Figures = tuple[float, ...]


@dataclass(frozen=True)
class Known:
    """Who ordered, times in weeks, and what the orders after the first day came to, (n,)."""

    orders: Buying
    later_spend: FloatArray

    @property
    def again(self) -> FloatArray:
        """Order days after the first, (n,)."""
        return self.orders.order_days - 1

    @property
    def last(self) -> FloatArray:
        """From the first to the last; the peer wants exactly none of who has one."""
        return np.where(self.again > 0, self.orders.tenure - self.orders.silence, 0.0)


def bgnbd(known: Known) -> Any:
    """The peer's BG/NBD. Raises its ConvergenceError."""
    from lifetimes import BetaGeoFitter

    # It prints where it stands before it raises.
    with contextlib.redirect_stdout(io.StringIO()):
        return BetaGeoFitter().fit(known.again, known.last, known.orders.tenure)


def pareto(known: Known) -> Any:
    """The peer's Pareto/NBD. Raises its ConvergenceError."""
    from lifetimes import ParetoNBDFitter

    with contextlib.redirect_stdout(io.StringIO()):
        return ParetoNBDFitter().fit(known.again, known.last, known.orders.tenure)


def gamma_gamma(known: Known) -> Any:
    """The peer's Gamma-Gamma, of who came again."""
    from lifetimes import GammaGammaFitter

    kept = (known.again > 0) & (known.later_spend > 0)
    many = known.again[kept]
    return GammaGammaFitter().fit(many, known.later_spend[kept] / many)


@dataclass(frozen=True)
class Pair:
    """One model of both: ours as figures, the peer's as it gives it."""

    name: str
    ours: Callable[[Known], Figures]
    theirs: Callable[[Known], Any]
    published: Figures
    half: float
    """Half a unit of the last digit that is printed."""


PAIRS: Final = (
    Pair(
        "BG/NBD",
        lambda known: astuple(BgNbd.fit(known.orders))[:4],
        bgnbd,
        (0.243, 4.414, 0.793, 2.426),
        5e-4,
    ),
    Pair(
        "Pareto/NBD",
        lambda known: astuple(ParetoNbd.fit(known.orders))[:4],
        pareto,
        (0.553, 10.578, 0.606, 11.669),
        5e-4,
    ),
    Pair(
        "Gamma-Gamma",
        lambda known: astuple(GammaGamma.fit(known.again, known.later_spend))[:3],
        gamma_gamma,
        (6.25, 3.74, 15.44),
        5e-3,
    ),
)
"""Published: Fader and Hardie's of a tenth of CDNOW's customers, times in weeks, amounts in
dollars. The order of the parameters is the peer's."""


def raises() -> type[Exception]:
    """What the peer raises where it does not converge."""
    from lifetimes.utils import ConvergenceError

    error: type[Exception] = ConvergenceError
    return error


def expected(fitted: Any, known: Known, weeks: float) -> FloatArray:
    """Order days that the peer expects, (n,)."""
    said = fitted.conditional_expected_number_of_purchases_up_to_time(
        weeks, known.again, known.last, known.orders.tenure
    )
    return np.asarray(said, dtype=np.float64)
