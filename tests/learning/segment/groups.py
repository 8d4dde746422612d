"""Customers of known groups, for tests."""

import numpy as np

from retention.learning.churn.wording import FREQUENCY, MONEY, RHYTHM
from retention.learning.features import FeatureTable
from retention.learning.panel import IntArray

SPECS = (RHYTHM[0], FREQUENCY[2], MONEY[2])
NAMES = tuple(spec.name for spec in SPECS)

# Days silent, orders a year, average order in minor units.
CENTRES = np.array([[5.0, 40.0, 2_000.0], [200.0, 2.0, 1_500.0], [20.0, 6.0, 30_000.0]])


def shoppers(
    *, seed: int = 0, n: int = 900, spread: float = 0.25, without: int | None = None
) -> tuple[FeatureTable, IntArray]:
    """Customers around three ways to shop, and which each one is."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % 3
    values = CENTRES[group] * rng.lognormal(0, spread, size=(n, 3))
    keep = np.ones(n, dtype=bool) if without is None else group != without
    return FeatureTable(values[keep], np.arange(int(keep.sum())), SPECS), group[keep]


def a_month_later(table: FeatureTable, *, seed: int) -> FeatureTable:
    """The same people, who behave as they did, a little differently."""
    rng = np.random.default_rng(seed)
    moved = table.values * rng.lognormal(0, 0.15, size=table.values.shape)
    return FeatureTable(moved, table.customers, table.specs)
