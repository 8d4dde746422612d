"""What a customer will spend at her own pace: rate x order value, both drawn to everyone's.

A customer with two orders says little about herself, so her rate and her order value lie between
her own and the average, the nearer to her own the more she has shown (credibility, Bühlmann 1967).
Silence then counts: an earlier window shows what share of the pace customers kept who had already
missed so many of the orders to be expected of them.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from retention.learning.orders import orders_of
from retention.learning.panel import FloatArray, Panel
from retention.learning.value.buying import Buying, buying, returned
from retention.learning.value.counts import nbd_at_least

YEAR: Final = 365.0
# Orders missed since the last one, at which kept pace is looked at again.
_MISSED: Final = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
# Expected orders a group needs before its own share counts as much as everyone's.
_TRUST: Final = 20.0
# One order far above all others must not drown the differences between customers.
_HIGHEST: Final = 0.99


class NoPace(ValueError):
    """There are too few orders to know anybody's pace."""


@dataclass(frozen=True)
class Pace:
    """Rates are gamma distributed over customers, order values have two variances.

    shape, scale : the gamma's, scale in days; shape / scale is the mean rate a day.
    order_value : mean of all orders net of returns, minor units. weight : how many orders of her
        own count as much as everyone's. per_day : orders an order day.
    kept : (7,) share of the pace kept, by orders missed since the last one.
    """

    shape: float
    scale: float
    order_value: float
    weight: float
    per_day: float
    kept: FloatArray

    def expected_orders(self, buying: Buying, *, days: float = YEAR) -> FloatArray:
        """Orders in the days to come, (n,); nan for who never ordered."""
        return self.expected(buying, days=days) * self.per_day

    def expected(
        self, buying: Buying, *, days: FloatArray | float, rate: FloatArray | float = 1.0
    ) -> FloatArray:
        """Order days to come, (n,); nan for who never ordered.

        days, rate : (n,) or a number; rate: so many times as fast as so far.
        """
        expected: FloatArray = self._rate(buying) * self._kept_by(buying) * days * rate
        return expected

    def at_least(
        self,
        buying: Buying,
        *,
        days: FloatArray | float,
        most: int,
        rate: FloatArray | float = 1.0,
    ) -> FloatArray:
        """Probabilities of at least 1, 2, ... most order days to come, (n, most)."""
        ahead = days * rate * self._kept_by(buying)
        return nbd_at_least(
            self.shape + buying.order_days - 1, ahead / (self.scale + buying.tenure + ahead), most
        )

    def alive(self, buying: Buying) -> FloatArray:
        """Not a question it answers: nan, (n,)."""
        return np.full(len(buying.order_days), np.nan)

    def expected_order_value(self, buying: Buying) -> FloatArray:
        """Minor units of her next order, (n,): between her own average and everyone's."""
        value: FloatArray = (self.weight * self.order_value + buying.spend) / (
            self.weight + buying.orders
        )
        return value

    def expected_spend(self, buying: Buying, *, days: float = YEAR) -> FloatArray:
        """Minor units in the days to come, (n,); nan for who never ordered."""
        spend: FloatArray = self.expected_orders(buying, days=days) * self.expected_order_value(
            buying
        )
        return spend

    def _kept_by(self, buying: Buying) -> FloatArray:
        missed = np.nan_to_num(self._rate(buying) * buying.silence)
        kept: FloatArray = self.kept[np.searchsorted(_MISSED, missed)]
        return kept

    def _rate(self, buying: Buying) -> FloatArray:
        """Order days a day, as long as she stays. The first order only says that she came."""
        return (self.shape + buying.order_days - 1) / (self.scale + buying.tenure)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        numbers = [self.shape, self.scale, self.order_value, self.weight, self.per_day]
        return {"numbers": np.array(numbers), "kept": self.kept}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The pace again from `arrays()`."""
        shape, scale, order_value, weight, per_day = arrays["numbers"].tolist()
        return cls(shape, scale, order_value, weight, per_day, arrays["kept"])


def fit_pace(panel: Panel, *, cut_off: float, window_days: float | None = None) -> Pace:
    """Learn everyone's pace from orders before the cut-off.

    window_days : the last days of the past, on which kept pace is measured; half of the past, a
        year at most, when None. A forecast much longer than the window is too high by what
        leaves later. Raises NoPace where the past is empty or has no repeated order.
    100,000 customers with a million orders take about 3 s.
    """
    past = panel.before(cut_off)
    first = past.first_day if len(past) else cut_off
    window = window_days or min(YEAR, (cut_off - first) / 2)
    then, now = buying(past, cut_off=cut_off - window), buying(past, cut_off=cut_off)
    shape, scale = _rates(now)
    value, weight = _order_values(past)
    per_day = float(np.sum(now.orders) / np.sum(now.order_days))
    pace = Pace(shape, scale, value, weight, per_day, np.ones(len(_MISSED) + 1))
    if not np.any(then.order_days > 1):
        return pace
    before = Pace(*_rates(then), value, weight, 1.0, pace.kept)
    kept = _kept(before, then, now.order_days - then.order_days, window)
    return Pace(shape, scale, value, weight, per_day, kept)


def _rates(buying: Buying) -> tuple[float, float]:
    """Shape and scale of the gamma distribution of rates, by maximum likelihood."""
    from scipy.optimize import minimize

    bought = buying.order_days > 0
    again, days = buying.order_days[bought] - 1, np.maximum(buying.tenure[bought], 0.5)
    if not again.sum():
        raise NoPace(
            f"Of {int(bought.sum())} customers none ordered on a second day; wait for more orders."
        )

    def surprise(logs: FloatArray) -> float:
        shape, scale = np.exp(logs)
        likelihood = gammaln(shape + again) - gammaln(shape)
        likelihood += shape * np.log(scale / (scale + days)) - again * np.log(scale + days)
        return -float(np.mean(likelihood))

    mean = again.sum() / days.sum()
    start = np.log([0.5, 0.5 / mean])
    found = minimize(surprise, start, method="L-BFGS-B", bounds=[(-7.0, 7.0), (-3.0, 16.0)])
    shape, scale = np.exp(found.x)
    return float(shape), float(scale)


def _order_values(past: Panel) -> tuple[float, float]:
    """Mean order value, and how many own orders weigh as much as it (Bühlmann and Straub 1970)."""
    orders = orders_of(past)
    amount = np.minimum(orders.amount, np.quantile(orders.amount, _HIGHEST))
    n = len(orders.start) - 1
    many = np.bincount(orders.customer, minlength=n).astype(np.float64)
    own = np.bincount(orders.customer, weights=amount, minlength=n) / np.maximum(many, 1)
    total, customers = many.sum(), int((many > 0).sum())
    mean = float(amount.sum() / total)
    within = float(((amount - own[orders.customer]) ** 2).sum()) / max(total - customers, 1.0)
    spread = float(np.sum(many * (own - mean) ** 2)) - (customers - 1) * within
    between = spread / max(total - float((many**2).sum()) / total, 1.0)
    value = max(float(orders.amount.sum() - returned(past).sum()), 0.0) / total
    # Customers who do not differ say nothing of themselves: all weight on the average.
    weight = within / between if between > 1e-9 * (mean * mean + 1) else 1e9
    return value, float(np.clip(weight, 0.0, 1e9))


def _kept(pace: Pace, then: Buying, came: FloatArray, window: float) -> FloatArray:
    """Share of the pace kept in the window, by orders missed at its beginning; falls throughout."""
    from scipy.optimize import isotonic_regression

    known = then.order_days > 0
    expected = pace.expected_orders(then, days=window)[known]
    rate = pace._rate(then)[known]
    group = np.searchsorted(_MISSED, rate * then.silence[known])
    groups = len(_MISSED) + 1
    had = np.bincount(group, weights=expected, minlength=groups)
    saw = np.bincount(group, weights=came[known], minlength=groups)
    overall = saw.sum() / max(had.sum(), 1e-12)
    share = (saw + _TRUST * overall) / (had + _TRUST)
    falling: FloatArray = isotonic_regression(share, weights=had + _TRUST, increasing=False).x
    return falling
