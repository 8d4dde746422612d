"""The customers of a band or segment, or whom a trigger chose, with what their scores say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from campaigns.models import Campaign
from customers.models import Customer
from customers.querysets import CustomerQuerySet
from retention.insights.models import ChurnScore, SegmentMembership
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .fired import fired
from .firing import Firing

FETCHED = 20_000
FEW = 500
"""Customers that are asked for by their ids, where more are read with all others."""
KeyArray = NDArray[np.object_]


@dataclass(frozen=True)
class Candidates:
    """Customers in the order of their ids; nan where there is no score.

    customer : (n,) ids; key : (n,) the shop's ids; risk : (n,) probability of leaving;
    value : (n,) minor units expected in a year; orders : (n,) expected in a year;
    uplift : (n,) what a coupon adds to the probability of staying, nan where nothing measured it;
    occasion : (n,) what triggered it, in words; empty where nothing has to.
    """

    customer: IntArray
    key: KeyArray
    risk: FloatArray
    value: FloatArray
    orders: FloatArray
    uplift: FloatArray
    occasion: KeyArray

    def __len__(self) -> int:
        return len(self.customer)

    def of(self, rows: IntArray | BoolArray | slice) -> "Candidates":
        return Candidates(
            customer=self.customer[rows],
            key=self.key[rows],
            risk=self.risk[rows],
            value=self.value[rows],
            orders=self.orders[rows],
            uplift=self.uplift[rows],
            occasion=self.occasion[rows],
        )


def candidates_of(campaign: Campaign, *, at: datetime) -> Candidates:
    """Everyone in the bands, in the segment, or in both where both are asked for; of these whom
    the trigger chose, where it has one, and of those everyone where neither is asked for."""
    if not campaign.waits:
        return _together(_scored_and_others(campaign, Customer.objects.present()), {})
    chosen = fired(campaign, at=at)
    among = Customer.objects.present()
    if len(chosen) <= FEW:
        among = among.filter(pk__in=list(chosen))
    there = (row for row in _scored_and_others(campaign, among) if row[0] in chosen)
    return _together(there, chosen)


def _scored_and_others(campaign: Campaign, among: CustomerQuerySet) -> Iterable[tuple[Any, ...]]:
    scores = ChurnScore.objects.all()
    if campaign.bands:
        scores = scores.filter(churn_band__in=campaign.bands)
    if campaign.minimum_risk is not None:
        scores = scores.filter(churn_probability__gte=campaign.minimum_risk)
    if campaign.segment_id is not None:
        members = SegmentMembership.objects.filter(segment=campaign.segment_id, left_at=None)
        among = among.filter(pk__in=members.values("customer"))
    elif not campaign.waits and not campaign.bands:
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


def _together(rows: Iterable[tuple[Any, ...]], chosen: Mapping[int, Firing]) -> Candidates:
    columns = list(zip(*sorted(rows, key=itemgetter(0)), strict=True)) or [()] * 6
    risk, value, orders, uplift = (np.array(one, dtype=np.float64) for one in columns[2:])
    return Candidates(
        customer=np.array(columns[0], dtype=np.int64),
        key=np.array(columns[1], dtype=object),
        risk=risk,
        value=value,
        orders=orders,
        uplift=uplift,
        occasion=np.array([chosen[pk].words if chosen else "" for pk in columns[0]], dtype=object),
    )
