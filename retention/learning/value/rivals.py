"""Every model of value that could serve, learned from what was known at a cut-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from retention.learning.churn.features import behaviour
from retention.learning.features import FeatureTable
from retention.learning.panel import SECONDS_A_DAY, FloatArray, IntArray, Kind, Panel
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying, buying
from retention.learning.value.counts import Orders
from retention.learning.value.gamma_gamma import GammaGamma
from retention.learning.value.model import ValueModel
from retention.learning.value.pace import YEAR, fit_pace
from retention.learning.value.pareto import ParetoNbd
from retention.learning.value.tilt import Tilt, boosted, ratios_by_orders

PRIOR: Final = 1.0
"""Standard deviation of the logarithms of parameters, times in the longest known: what the data
says little of stays near 1."""
NAMES: Final[Mapping[str, str]] = {
    "pace": "own pace",
    "bgnbd": "BG/NBD",
    "pareto": "Pareto/NBD",
    "by_orders": "Pareto/NBD corrected by orders so far",
    "boosted": "Pareto/NBD corrected by boosting",
    "tilted": "Pareto/NBD with its differences corrected by boosting",
}
"""The rivals, the simplest first."""
SIMPLEST: Final = "pace"


@dataclass(frozen=True)
class Moment:
    """The customers who had ordered before a cut-off, (n,): rows, orders, behaviour."""

    cut_off: float
    customers: IntArray
    buying: Buying
    table: FeatureTable

    @classmethod
    def of(cls, panel: Panel, cut_off: float) -> Self:
        """Everyone who had ordered by then."""
        known = buying(panel, cut_off=cut_off)
        customers = np.flatnonzero(known.order_days > 0)
        table = behaviour(panel, cut_off=cut_off, customers=customers)
        return cls(cut_off, customers, known.take(customers), table)

    def came(self, panel: Panel, *, days: float) -> FloatArray:
        """Order days of each of them in the days after it, (n,)."""
        later = buying(panel, cut_off=self.cut_off + days).order_days[self.customers]
        came: FloatArray = later - self.buying.order_days
        return came


def learn_rivals(panel: Panel, now: Moment) -> dict[str, ValueModel]:
    """All of NAMES. Raises NothingToLearn and NoPace where nobody came again.

    What Pareto/NBD missed is learned in the second half of the past, from a fit to the first.
    """
    pareto = ParetoNbd.fit(now.buying, prior=PRIOR)
    days = half_of_the_past(panel, now.cut_off)
    then = Moment.of(panel, now.cut_off - days)
    expected = ParetoNbd.fit(then.buying, prior=PRIOR).expected(then.buying, days=days)
    came = then.came(panel, days=days)
    groups, stumps = (learn(expected, came, then.table) for learn in (ratios_by_orders, boosted))
    level = stumps.keeping(pareto.expected(now.buying, days=days), now.table)
    models: dict[str, tuple[Orders, Tilt | None]] = {
        "pace": (fit_pace(panel, cut_off=now.cut_off), None),
        "bgnbd": (BgNbd.fit(now.buying, prior=PRIOR), None),
        "pareto": (pareto, None),
        "by_orders": (pareto, groups),
        "boosted": (pareto, stumps),
        "tilted": (pareto, level),
    }
    money = GammaGamma.fit(now.buying.order_days, now.buying.spend, prior=PRIOR)
    per_day = float(now.buying.orders.sum() / now.buying.order_days.sum())
    return {
        key: ValueModel(NAMES[key], orders, money, per_day, tilt)
        for key, (orders, tilt) in models.items()
    }


def half_of_the_past(panel: Panel, cut_off: float) -> float:
    """Days between half of the time since the first order and a cut-off; a year at most."""
    return min(YEAR, (cut_off - opening(panel)) / 2)


def opening(panel: Panel) -> float:
    """The day of the first order; nan where there is none."""
    bought = panel.second[panel.kind == Kind.PURCHASE]
    return float(bought.min()) / SECONDS_A_DAY if len(bought) else float("nan")
