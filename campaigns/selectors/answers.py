"""What a measured campaign teaches of offers: how many of whom ordered, by their risk and arm."""

from typing import Final

import numpy as np

from campaigns.models import Assignment, Campaign, Offer
from retention.learning.decide.pooled import strength_of
from retention.learning.measure.stratified import even_weights

from .outcomes import Outcomes
from .worth import discount_of

BINS: Final = 50
CARRIED_OUT: Final = 0.9
"""At least so much of those drawn for a coupon got one, or the campaign teaches nothing of it."""


def answers_of(campaign: Campaign, outcomes: Outcomes) -> list[list[float]]:
    """A row a cell: risk, strength of the offer (0: control), customers, kept, used; nothing of
    any one person. Empty where few of the coupons were given. Whoever had no score is left out.

    Where shares moved from wave to wave customers count by the inverse of theirs: counted alike, an
    offer that had most of a good season would look better for it."""
    if not was_carried_out(campaign):
        return []
    strengths = _strengths(campaign, outcomes)
    strength = np.array([strengths.get(pk, 0.0) for pk in outcomes.offer.tolist()])
    risk = outcomes.before[:, 0]
    known = ~np.isnan(risk)
    each = np.ones(len(risk))
    if campaign.assigning == Campaign.Assigning.SHIFT:
        each[known] = even_weights(outcomes.offer[known], outcomes.wave[known])
    middle = (np.minimum(np.floor(risk[known] * BINS), BINS - 1) + 0.5) / BINS
    cells, cell = np.unique(np.column_stack([middle, strength[known]]), axis=0, return_inverse=True)
    counts = [
        np.bincount(cell.ravel(), weights=one[known], minlength=len(cells))
        for one in (each, each * outcomes.kept, each * outcomes.used)
    ]
    return [
        [round(float(each), 4) for each in row]
        for row in np.column_stack([cells, *counts]).tolist()
    ]


def was_carried_out(campaign: Campaign) -> bool:
    """Cancelled campaigns, and those whose budget ended before, say that coupons do little."""
    treated = campaign.assignments.filter(arm=Assignment.Arm.TREATMENT)
    issued = treated.filter(outcome=Assignment.Outcome.ISSUED).count()
    return issued > 0 and issued >= CARRIED_OUT * treated.count()


def _strengths(campaign: Campaign, outcomes: Outcomes) -> dict[int, float]:
    """Of each offer, by what it takes off the average order its customers made before or since;
    1 where nobody ordered."""
    orders = outcomes.before[:, ORDERS].sum() + outcomes.orders.sum()
    paid = outcomes.before[:, PAID].sum() + np.maximum(outcomes.revenue, 0).sum()
    average = float(paid / orders) if orders else 0.0

    def one(offer: Offer) -> float:
        return float(strength_of(np.array(discount_of(offer, average) / average)))

    return {offer.pk: one(offer) if average > 0 else 1.0 for offer in campaign.offers.all()}


ORDERS, PAID = 2, 3
"""Columns of what was known before: orders, and what was paid for them."""
