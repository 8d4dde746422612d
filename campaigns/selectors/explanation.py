"""Why a customer got a coupon: what was known and decided when they were chosen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from campaigns.models import Assignment, Coupon
from retention.learning.decide.uplift import responses

from .response import measured_before, uplift_champion


@dataclass(frozen=True)
class Explanation:
    """As it was when they were chosen; money in minor units.

    occasion : what triggered it, in words; empty where all were chosen at the launch.
    rank : by what was expected to be earned, 1 first; probability : of the arm the lot drew.
    chance_without, chance_with : of an order within the days measured, as believed; None without a
    score. is_causal : campaigns had measured what offers change, so many.
    uplift : what uplift models said; None where none served. response : and so which of their four
    kinds; None, too, where the one that served then is not kept any more.
    """

    campaign: str
    chosen_at: datetime
    occasion: str
    rank: int
    chance_without: float | None
    chance_with: float | None
    is_causal: bool
    campaigns: int
    uplift: float | None
    response: str | None
    probability: float
    churn_probability: float | None
    predicted_clv: int | None
    reasons: list[dict[str, Any]]
    model_version: str
    approved_by: str


def explanation_of(coupon: Coupon) -> Explanation | None:
    """None where the customer was forgotten, or the coupon was made outside a launch."""
    assigned = (
        Assignment.objects.filter(campaign=coupon.campaign_id, customer=coupon.customer_id)
        .exclude(customer=None)
        .select_related("campaign__approved_by")
        .first()
    )
    if assigned is None:
        return None
    before = measured_before(assigned.assigned_at)
    return Explanation(
        campaign=assigned.campaign.name,
        chosen_at=assigned.assigned_at,
        occasion=assigned.occasion,
        rank=assigned.rank,
        chance_without=assigned.chance_without,
        chance_with=assigned.chance_with,
        is_causal=bool(before) or assigned.uplift is not None,
        campaigns=before,
        uplift=assigned.uplift,
        response=_response(assigned),
        probability=assigned.probability,
        churn_probability=assigned.churn_probability,
        predicted_clv=assigned.predicted_clv,
        reasons=assigned.reasons,
        model_version=assigned.model_version,
        approved_by=str(assigned.campaign.approved_by or "rule: within the approval limit"),
    )


def _response(assigned: Assignment) -> str | None:
    """By what coupons change on average, as the uplift model that served then had measured it."""
    version = uplift_champion(at=assigned.assigned_at)
    if assigned.uplift is None or assigned.chance_without is None or version is None:
        return None
    kinds = responses(
        np.array([assigned.chance_without]),
        np.array([assigned.uplift]),
        worth=version.run.metrics["effect"]["value"] / 100,
    )
    return str(kinds[0])
