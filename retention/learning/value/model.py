"""The value model that serves: orders to come, what they are worth, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import Buying
from retention.learning.value.counts import Orders, futures, spends
from retention.learning.value.gamma_gamma import GammaGamma
from retention.learning.value.pace import YEAR, Pace
from retention.learning.value.pareto import ParetoNbd
from retention.learning.value.tilt import Tilt

LEVEL: Final = 0.8
"""Of the intervals: four of five customers spend between the bounds."""
_CHUNK: Final = 2_000
_HALVINGS: Final = 14
_SLICES: Final = 12
_MODELS: Final[Mapping[str, type[Pace] | type[BgNbd] | type[ParetoNbd]]] = {
    "pace": Pace,
    "bgnbd": BgNbd,
    "pareto": ParetoNbd,
}


@dataclass(frozen=True)
class Forecast:
    """What is expected of each customer, (n,), amounts in minor units; nan where nothing is known.

    alive : probability of still being a customer. silent : of no order within the days asked.
    orders, spend : expected in the horizon; _low and _high bound 80 % of her futures.
    next_days : days until half of her futures with an order in the horizon have had it.
    """

    alive: FloatArray
    silent: FloatArray
    orders: FloatArray
    orders_low: FloatArray
    orders_high: FloatArray
    spend: FloatArray
    spend_low: FloatArray
    spend_high: FloatArray
    next_days: FloatArray


@dataclass(frozen=True)
class _Some:
    """Some customers who expect about as much."""

    buying: Buying
    alive: FloatArray
    rate: FloatArray


@dataclass(frozen=True)
class ValueModel:
    """A model of order days, what it missed before, one of amounts, and orders an order day."""

    name: str
    orders: Orders
    money: GammaGamma
    per_day: float
    tilt: Tilt | None = None

    def rate(self, table: FeatureTable | None) -> FloatArray | float:
        """So many times as fast as the model of orders thinks; `table` is needed with a tilt."""
        if self.tilt is None:
            return 1.0
        if table is None:
            raise ValueError(f"{self.name} looks at behaviour; give the table of the customers.")
        return self.tilt.factor(table)

    def expected_orders(
        self, buying: Buying, table: FeatureTable | None, *, days: float = YEAR
    ) -> FloatArray:
        """Orders to come, (n,)."""
        return self.per_day * self.orders.expected(buying, days=days, rate=self.rate(table))

    def forecast(
        self,
        buying: Buying,
        table: FeatureTable | None,
        *,
        days: float = YEAR,
        silent_days: float,
        discount: float = 0.0,
    ) -> Forecast:
        """Everything at once, for customers who have ordered.

        discount : what money a year later is worth less, 0.1 for 10 %. Row by row: a batch of one
        equals one of the batch. 100,000 customers take about 10 s and 100 MB.
        """
        rate = np.broadcast_to(self.rate(table), len(buying.order_days))
        alive = self.orders.alive(buying)
        expected = self.orders.expected(buying, days=days, rate=rate)
        worth = self.money.expected(buying.order_days, buying.spend)
        later = self._discounted(buying, rate, expected, days=days, discount=discount)
        parts = np.empty((6, len(expected)))
        # Customers who expect about as much, together: the longest list sets the work.
        alike = np.argsort(expected, kind="stable")
        for rows in np.array_split(alike, 1 + len(alike) // _CHUNK):
            some = _Some(buying.take(rows), np.nan_to_num(alive[rows], nan=1.0), rate[rows])
            parts[:, rows] = self._chunk(some, days=days, silent_days=silent_days)
        silent, few, many, low, high, soon = parts
        return Forecast(
            alive=alive,
            silent=silent,
            orders=self.per_day * expected,
            orders_low=self.per_day * few,
            orders_high=self.per_day * many,
            spend=expected * worth * later,
            spend_low=low * later,
            spend_high=high * later,
            next_days=soon,
        )

    def _chunk(self, some: "_Some", *, days: float, silent_days: float) -> FloatArray:
        bounds = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
        buying, rate = some.buying, some.rate
        counts = futures(self.orders, buying, alive=some.alive, days=days, rate=rate)
        few, many = np.quantile(counts, bounds, axis=1, method="nearest")
        low, high = np.quantile(spends(self.money, buying, counts), bounds, axis=1)
        silent = 1 - some.alive * self._any(some, silent_days)
        return np.vstack([silent, few, many, low, high, self._next(some, days)])

    def _any(self, some: "_Some", days: FloatArray | float) -> FloatArray:
        """Probability of an order within the days of who is a customer, (n,)."""
        likely = self.orders.at_least(some.buying, days=days, most=1, rate=some.rate)
        return likely[:, 0]

    def _next(self, some: "_Some", days: float) -> FloatArray:
        """Days until half of the futures with an order in the horizon have had it, by halving."""
        half = self._any(some, days) / 2
        low, high = np.zeros(len(half)), np.full(len(half), days)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            early = self._any(some, middle) < half
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        soon: FloatArray = (low + high) / 2
        return soon

    def _discounted(
        self,
        buying: Buying,
        rate: FloatArray,
        expected: FloatArray,
        *,
        days: float,
        discount: float,
    ) -> FloatArray | float:
        """What is left of a unit of the horizon's spend at today's worth, (n,)."""
        if not discount:
            return 1.0
        ends = np.linspace(0, days, _SLICES + 1)
        until = [self.orders.expected(buying, days=end, rate=rate) for end in ends[1:]]
        came = np.diff(np.vstack([np.zeros(len(rate)), *until]), axis=0)
        worth = (1 + discount) ** (-(ends[1:] + ends[:-1]) / 2 / YEAR)
        left: FloatArray = np.asarray(worth @ came) / np.maximum(expected, 1e-300)
        return left

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything numeric, as plain arrays."""
        tilt = self.tilt.arrays() if self.tilt else {}
        return self.orders.arrays() | self.money.arrays() | tilt

    def meta(self) -> dict[str, Any]:
        """Everything else, as JSON."""
        orders = next(name for name, kind in _MODELS.items() if isinstance(self.orders, kind))
        features = list(self.tilt.features) if self.tilt else None
        return {
            "name": self.name,
            "orders": orders,
            "per_day": self.per_day,
            "features": features,
        }

    @classmethod
    def from_parts(cls, arrays: dict[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """The model again from `arrays()` and `meta()`; its forecasts are the same bit for bit."""
        features = meta["features"]
        return cls(
            name=meta["name"],
            orders=_MODELS[meta["orders"]].from_arrays(arrays),
            money=GammaGamma.from_arrays(arrays),
            per_day=meta["per_day"],
            tilt=None if features is None else Tilt.from_parts(arrays, features),
        )
