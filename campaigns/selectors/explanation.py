"""Why a customer got a coupon: what was known and decided when they were chosen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import Assignment, Coupon


@dataclass(frozen=True)
class Explanation:
    """As it was when they were chosen; money in minor units.

    occasion : what triggered it, in words; empty where all were chosen at the launch.
    rank : by expected gain among all chosen, 1 first; probability : of the arm the lot drew.
    uplift : None where the rank rested on risk, value and an assumed response.
    """

    campaign: str
    chosen_at: datetime
    occasion: str
    rank: int
    uplift: float | None
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
    return Explanation(
        campaign=assigned.campaign.name,
        chosen_at=assigned.assigned_at,
        occasion=assigned.occasion,
        rank=assigned.rank,
        uplift=assigned.uplift,
        probability=assigned.probability,
        churn_probability=assigned.churn_probability,
        predicted_clv=assigned.predicted_clv,
        reasons=assigned.reasons,
        model_version=assigned.model_version,
        approved_by=str(assigned.campaign.approved_by or "rule: within the approval limit"),
    )
