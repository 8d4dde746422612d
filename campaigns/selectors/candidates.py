"""The customers of a band or segment, or whom a trigger chose, with what their scores expect of
them, best first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from campaigns.models import Campaign
from customers.models import Customer
from customers.querysets import CustomerQuerySet
from retention.insights.models import ChurnScore, SegmentMembership
from retention.learning.decide.priority import priority
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .fired import fired
from .firing import Firing

FETCHED = 20_000
FEW = 500
"""Customers that are asked for by their ids, where more are read with all others."""
KeyArray = NDArray[np.object_]


@dataclass(frozen=True)
class Ranked:
    """Customers, best first; nan where there is no score.

    customer : (n,) ids; key : (n,) the shop's ids; risk : (n,) probability of leaving;
    value : (n,) minor units expected in a year; orders : (n,) expected in a year;
    uplift : (n,) what a coupon adds to the probability of staying, nan where nothing measured it;
    occasion : (n,) what triggered it, in words; empty where nothing has to;
    gain : (n,) value by uplift or, where that is not known, risk by value by assumed response.
    """

    customer: IntArray
    key: KeyArray
    risk: FloatArray
    value: FloatArray
    orders: FloatArray
    uplift: FloatArray
    gain: FloatArray
    occasion: KeyArray

    def __len__(self) -> int:
        return len(self.customer)

    def of(self, rows: IntArray | BoolArray | slice) -> "Ranked":
        return Ranked(
            customer=self.customer[rows],
            key=self.key[rows],
            risk=self.risk[rows],
            value=self.value[rows],
            orders=self.orders[rows],
            uplift=self.uplift[rows],
            gain=self.gain[rows],
            occasion=self.occasion[rows],
        )


def candidates_of(campaign: Campaign, *, at: datetime) -> Ranked:
    """Everyone in the bands, in the segment, or in both where both are asked for; of these whom
    the trigger chose, where it has one, and of those everyone where neither is asked for.

    Customers who have no score come last.
    """
    if not campaign.trigger:
        return _ranked(_scored_and_others(campaign, Customer.objects.present()), {})
    chosen = fired(campaign, at=at)
    among = Customer.objects.present()
    if len(chosen) <= FEW:
        among = among.filter(pk__in=list(chosen))
    there = (row for row in _scored_and_others(campaign, among) if row[0] in chosen)
    return _ranked(there, chosen)


def _scored_and_others(campaign: Campaign, among: CustomerQuerySet) -> Iterable[tuple[Any, ...]]:
    scores = ChurnScore.objects.all()
    if campaign.bands:
        scores = scores.filter(churn_band__in=campaign.bands)
    if campaign.minimum_risk is not None:
        scores = scores.filter(churn_probability__gte=campaign.minimum_risk)
    if campaign.segment_id is not None:
        members = SegmentMembership.objects.filter(segment=campaign.segment_id, left_at=None)
        among = among.filter(pk__in=members.values("customer"))
    elif not campaign.trigger and not campaign.bands:
        return ()
    scored = list(_scored(scores.filter(customer__in=among.values("pk"))))
    if campaign.bands or campaign.minimum_risk is not None:
        return scored
    known = {row[0] for row in scored}
    nothing = (np.nan, np.nan, np.nan, np.nan)
    others = among.values_list("pk", "external_id")
    return scored + [(pk, key, *nothing) for pk, key in others if pk not in known]


def _scored(scores: QuerySet[ChurnScore]) -> Iterable[tuple[Any, ...]]:
    return scores.values_list(
        "customer_id",
        "customer__external_id",
        "churn_probability",
        "predicted_clv",
        "predicted_number_of_orders",
        "uplift",
    ).iterator(chunk_size=FETCHED)


def _ranked(rows: Iterable[tuple[Any, ...]], chosen: Mapping[int, Firing]) -> Ranked:
    columns = list(zip(*rows, strict=True)) or [()] * 6
    customer, risk = np.array(columns[0], dtype=np.int64), np.array(columns[2], dtype=np.float64)
    value, known = np.array(columns[3], dtype=np.float64), ~np.isnan(risk)
    uplift = np.array(columns[5], dtype=np.float64)
    gain = np.zeros(len(customer))
    gain[known] = priority(risk=risk[known], value=value[known])
    measured = known & ~np.isnan(uplift)
    gain[measured] = uplift[measured] * np.maximum(value[measured], 0.0)
    # Equal ones in the order of their ids, so that the same scores always give the same ranks.
    best_first = np.lexsort((customer, -gain))
    everyone = Ranked(
        customer=customer,
        key=np.array(columns[1], dtype=object),
        risk=risk,
        value=value,
        orders=np.array(columns[4], dtype=np.float64),
        uplift=uplift,
        gain=gain,
        occasion=np.array([chosen[pk].words if chosen else "" for pk in columns[0]], dtype=object),
    )
    return everyone.of(best_first)
