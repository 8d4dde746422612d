"""What customers are worth, by the value model that serves or, until one does, their own pace."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from django.conf import settings

from retention.insights.families.value import value_model_of
from retention.insights.models import Kind, ModelVersion
from retention.insights.serving import readable_champion
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray, Panel
from retention.learning.value.buying import Buying, buying
from retention.learning.value.model import ValueModel
from retention.learning.value.pace import YEAR, NoPace, fit_pace


@dataclass(frozen=True)
class Worth:
    """Of each customer in the coming year, (n,), amounts in minor units; nan where not known.

    version : what forecast it, None for the pace. again : probability of an order.
    next_days : until the next order.
    """

    version: ModelVersion | None
    orders: FloatArray
    spend: FloatArray
    spend_low: FloatArray
    spend_high: FloatArray
    again: FloatArray
    next_days: FloatArray

    @classmethod
    def of(cls, panel: Panel, table: FeatureTable, *, cut_off: float) -> Self:
        """Of the customers of a table, all of whom have ordered."""
        known = buying(panel, cut_off=cut_off).take(table.customers)
        serving = _serving()
        if serving is None:
            return cls._at_their_pace(panel, known, table, cut_off=cut_off)
        version, model = serving
        said = model.forecast(
            known, table, days=YEAR, silent_days=YEAR, discount=settings.CLV_DISCOUNT
        )
        return cls(
            version=version,
            orders=said.orders,
            spend=said.spend,
            spend_low=said.spend_low,
            spend_high=said.spend_high,
            again=1 - said.silent,
            next_days=said.next_days,
        )

    @classmethod
    def _at_their_pace(
        cls, panel: Panel, known: Buying, table: FeatureTable, *, cut_off: float
    ) -> Self:
        """Nothing where nobody ever came back yet. The next order: a usual gap after the last."""
        nothing = np.full(len(known.orders), np.nan)
        try:
            pace = fit_pace(panel, cut_off=cut_off)
            orders, spend = pace.expected_orders(known), pace.expected_spend(known)
        except NoPace:
            orders = spend = np.zeros(len(known.orders))
        gap = table.column("usual_gap_days")
        soon = np.maximum(gap - table.column("days_since_last_order"), 0.0)
        return cls(None, orders, spend, nothing, nothing, nothing, soon)


def _serving() -> tuple[ModelVersion, ValueModel] | None:
    # Risks do not wait for values: the pace needs no artifact.
    champion = readable_champion(Kind.VALUE)
    if champion is None:
        return None
    version, parameters, arrays = champion
    return version, value_model_of(parameters, arrays)
