"""What a churn model learns from, is calibrated on and is asked about, at one test cut-off."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import (
    ChurnDefinition,
    DataShortage,
    Outcome,
    outcome,
    plan_cut_offs,
)
from retention.learning.features import FeatureSpec, FeatureTable, Unit
from retention.learning.panel import BoolArray, FloatArray, IntArray, Panel
from retention.learning.value.bgnbd import BgNbd
from retention.learning.value.buying import buying
from retention.learning.value.pareto import ParetoNbd
from retention.learning.value.rivals import PRIOR

SILENT: Final = "bgnbd_silent"
ALIVE: Final = "bgnbd_alive"
PARETO_ALIVE: Final = "pareto_alive"
_SPECS: Final = tuple(
    FeatureSpec(name, name, Unit.SHARE, "alive", "{value}")
    for name in (SILENT, ALIVE, PARETO_ALIVE)
)


@dataclass(frozen=True)
class Window:
    """The audience of one cut-off: behaviour, what BG/NBD says, and who was lost.

    table : features of behaviour, a row a customer. said : SILENT, ALIVE and PARETO_ALIVE.
    """

    cut_off: float
    table: FeatureTable
    said: FeatureTable
    lost: BoolArray

    @property
    def customers(self) -> IntArray:
        return self.table.customers

    @property
    def with_alive(self) -> FeatureTable:
        """Behaviour and, beside it, all that BG/NBD and Pareto/NBD say."""
        values = np.column_stack([self.table.values, self.said.values])
        return FeatureTable(values, self.customers, self.table.specs + self.said.specs)

    @classmethod
    def of(cls, panel: Panel, definition: ChurnDefinition, *, cut_off: float) -> Self:
        seen = outcome(panel, definition, cut_off=cut_off)
        table = behaviour(panel, cut_off=cut_off, customers=seen.customers)
        return cls(cut_off, table, _said(panel, seen, definition.horizon_days), seen.lost)


@dataclass(frozen=True)
class Task:
    """Windows to learn from, one after them all to choose by, one after that to be asked."""

    train: tuple[Window, ...]
    choose: Window
    test: Window

    @property
    def known(self) -> tuple[Window, ...]:
        """All but the one asked about."""
        return (*self.train, self.choose)


def rows(windows: tuple[Window, ...], *, alive: bool = False) -> tuple[FloatArray, BoolArray]:
    """Features and outcomes of windows, one below the other."""
    tables = [window.with_alive if alive else window.table for window in windows]
    return (
        np.vstack([table.values for table in tables]),
        np.concatenate([window.lost for window in windows]),
    )


def task_of(panel: Panel, definition: ChurnDefinition, *, test: float) -> Task:
    """The windows that the product would plan if the events ended a horizon after the test."""
    plan = plan_cut_offs(panel.before(test + definition.horizon_days), definition)
    if isinstance(plan, DataShortage):
        raise SystemExit(f"At test cut-off {test}: {plan}")
    days = (*plan.train, plan.choose, test)
    *train, choose, asked = (Window.of(panel, definition, cut_off=day) for day in days)
    return Task(tuple(train), choose, asked)


def _said(panel: Panel, seen: Outcome, horizon: float) -> FeatureTable:
    """Fitted to everyone who had ordered by then, and to nothing later."""
    everyone = buying(panel, cut_off=seen.cut_off)
    some = everyone.take(seen.customers)
    bgnbd, pareto = BgNbd.fit(everyone, prior=PRIOR), ParetoNbd.fit(everyone, prior=PRIOR)
    alive = bgnbd.alive(some)
    comes = alive * bgnbd.at_least(some, days=horizon, most=1)[:, 0]
    values = np.column_stack([1 - comes, alive, pareto.alive(some)])
    return FeatureTable(values, seen.customers, _SPECS)
