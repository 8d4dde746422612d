"""One customer's events, as they are and with the last order at another time: facts are counted
from them as from any, so that all that hangs on an order follows as it would in truth."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from math import isnan
from typing import Self

import numpy as np

from retention.learning.churn.features import behaviour
from retention.learning.churn.following_orders import Facts
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray, IntArray, Kind, Panel, as_second

Line = dict[str, int]


@dataclass(frozen=True)
class OneCustomer:
    """panel : of one customer. cut_off : the day they are looked at, as `behaviour` has it."""

    panel: Panel
    cut_off: float
    _told: dict[float, Facts] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, panel: Panel, row: int, *, cut_off: float) -> Self:
        """A customer of a panel of many; what happened later is not seen."""
        own = panel.take(panel.customer == row).before(cut_off)
        alone = {f.name: getattr(own, f.name) for f in fields(own)}
        alone |= {"customer": np.zeros(len(own), dtype=np.int64), "n_customers": 1}
        return cls(Panel(**alone), cut_off)

    @cached_property
    def facts(self) -> Facts:
        """As they are."""
        return _facts(self.panel, self.cut_off)

    def silent_for(self, days: float) -> Facts:
        """Had they ordered so many days ago: one order more at that moment, for what they usually
        spend. Longer ago than their last order: as if nothing had happened until then."""
        if days not in self._told:
            more = days - self.facts["days_since_last_order"]
            if more >= 0:
                self._told[days] = _facts(self.panel, self.cut_off + more)
            else:
                self._told[days] = _facts(self._with_order(days), self.cut_off)
        return self._told[days]

    @property
    def usual_amount(self) -> int:
        """Minor units of an order, on average so far."""
        average = self.facts["average_order"]
        return 0 if isnan(average) else round(average)

    def _with_order(self, days: float) -> Panel:
        # What is at the very cut-off is not seen.
        second = min(as_second(self.cut_off - days), as_second(self.cut_off) - 1)
        rows = [*self._usual_lines(), *self._visit()]
        return _joined(self.panel, [{"second": second} | row for row in rows])

    def _usual_lines(self) -> list[Line]:
        """Of an order of nothing in particular: as many lines, as dear and as much off as usual."""
        many, paid = max(round(self.facts["lines_an_order"]), 1), self.usual_amount
        share = self.facts["discount_share"]
        off = 0 if isnan(share) or share >= 1 else round(paid * share / (1 - share))
        order = int(self.panel.order.max()) + 1
        return [
            {
                "kind": Kind.PURCHASE,
                "order": order,
                "amount": _part(paid, many, line),
                "discount": _part(off, many, line),
            }
            for line in range(many)
        ]

    def _visit(self) -> list[Line]:
        """Who orders is there; of a shop that does not record visits, or a till, nothing is."""
        return [] if isnan(self.facts["days_since_last_visit"]) else [{"kind": Kind.OTHER}]


def facts_in(table: FeatureTable) -> list[Facts]:
    """Everything that is known of each customer: the features, and what they are compared with."""
    columns = {**dict(zip(table.names, table.values.T, strict=True)), **table.beside}
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _facts(panel: Panel, cut_off: float) -> Facts:
    return facts_in(behaviour(panel, cut_off=cut_off, to_tell=True))[0]


def _part(whole: int, parts: int, at: int) -> int:
    """Whole numbers that sum to the whole."""
    return whole * (at + 1) // parts - whole * at // parts


_NOTHING: dict[str, float] = {
    "customer": 0,
    "quantity": 1,
    "amount": 0,
    "discount": 0,
    "product": -1,
    "category": -1,
    "order": -1,
    "rating": float("nan"),
}


def _joined(panel: Panel, rows: list[Line]) -> Panel:
    """The panel with some events more, in time."""
    columns: dict[str, IntArray | FloatArray] = {}
    for name in (f.name for f in fields(panel) if f.name != "n_customers"):
        known = getattr(panel, name)
        new = [row.get(name, _NOTHING.get(name)) for row in rows]
        columns[name] = np.append(known, np.array(new, dtype=known.dtype))
    whole = Panel(**columns, n_customers=panel.n_customers)  # type: ignore[arg-type]  # as they were
    return whole.take(np.argsort(whole.second, kind="stable"))
