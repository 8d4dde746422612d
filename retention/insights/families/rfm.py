"""Recency, frequency, money: the segments every retailer knows."""

from datetime import datetime

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import Facts, local_day
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.months import months_until
from retention.learning.churn.features import behaviour
from retention.learning.features import FeatureTable
from retention.learning.panel import Panel
from retention.learning.segment.movement import rfm_history
from retention.learning.segment.rfm import RfmScores, rfm_scores

FEWEST_CUSTOMERS = 25


class RfmFamily:
    """Fifths of recency, frequency and money; see docs/algorithms/segments.md."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Score the customers who have ordered, against each other."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        progress(0, 2, "Reading behaviour")
        panel = facts.panel()
        table = _buyers(panel, at)
        if len(table.customers) < FEWEST_CUSTOMERS:
            return TooLittle(
                f"Needs {FEWEST_CUSTOMERS} customers who have ordered, has {len(table.customers)}."
            )
        scores, months = scored(table), months_until(at)
        progress(1, 2, "Looking back over the months")
        history = rfm_history(panel, cut_offs=[local_day(month) for month in months])
        sizes = np.unique(np.array([str(name) for name in scores.names()]), return_counts=True)
        return Learned(
            parameters={"months": [month.isoformat() for month in months]},
            arrays={
                "customers": facts.customers.ids[table.customers],
                "r": scores.r,
                "f": scores.f,
                "m": scores.m,
                "history": history[table.customers].astype(np.int8),
            },
            metrics={"sizes": dict(zip(*(column.tolist() for column in sizes), strict=True))},
            row_counts={"events": len(facts), "customers": len(table.customers)},
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """A count of what happened is as true as the events; the newest serves."""
        return Verdict(True, "Counted from the newest events.")


def buyers(facts: Facts, at: datetime) -> FeatureTable:
    """Behaviour of the customers who have ordered, as of a moment."""
    return _buyers(facts.panel(), at)


def _buyers(panel: Panel, at: datetime) -> FeatureTable:
    table = behaviour(panel, cut_off=local_day(at))
    return table.take(~np.isnan(table.column("days_since_last_order")))


def scored(table: FeatureTable) -> RfmScores:
    """RFM scores of buyers: last order, days with an order, and a year's spend."""
    return rfm_scores(
        days_since_order=table.column("days_since_last_order"),
        orders=table.column("order_days_total"),
        spend=np.nan_to_num(table.column("spend_365")),
    )
