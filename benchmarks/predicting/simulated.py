"""The simulated shop as a model sees it: events as a panel, buyers as features."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

import numpy as np

from retention.learning.churn.features import behaviour
from retention.learning.features import FeatureTable
from retention.learning.panel import Panel
from retention.learning.simulate import EventBatch, Shop, ShopSpec

ALWAYS_JOINING: Final = 1_100
"""Days in which new customers keep coming: longer than anything here is played."""


def opened(customers: int, *, seed: int) -> Shop:
    """A shop on its first morning, which new customers find as long as we look."""
    return Shop(ShopSpec(n_customers=customers, seed=seed, joining_days=ALWAYS_JOINING))


def panel_of(parts: Sequence[EventBatch], customers: int) -> Panel:
    """What happened, in one panel."""
    columns = {
        at.name: np.concatenate([getattr(part, at.name) for part in parts])
        for at in fields(EventBatch)
    }
    rating = columns["rating"].astype(np.float64)
    return Panel.of(
        n_customers=customers,
        customer=columns["customer"],
        kind=columns["kind"],
        day=columns["time"],
        quantity=columns["quantity"],
        amount=columns["quantity"] * columns["unit_price"] - columns["discount"],
        discount=columns["discount"],
        product=columns["product"],
        order=columns["order"],
        rating=np.where(rating > 0, rating, np.nan),
    )


def buyers(parts: Sequence[EventBatch], customers: int, *, day: int) -> FeatureTable:
    """Behaviour of those who have ordered, on the morning of a day."""
    table = behaviour(panel_of(parts, customers), cut_off=day)
    return table.take(~np.isnan(table.column("days_since_last_order")))
