"""Whom a campaign would treat and whom it would compare them with, were it launched now.

The preview shows it and the launch stores it: one function, so the numbers are the same.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from campaigns.models import Campaign, Offer
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .arms import draw_arms
from .candidates import Ranked, candidates_of
from .exclusions import RULES

LIMITS = {"beyond_maximum": "Beyond the largest number", "beyond_budget": "Beyond the budget"}
"""What a campaign's own limits leave out, after every rule, by reason: in the words of people."""


@dataclass(frozen=True)
class Exclusion:
    """How many customers a rule left out that no earlier rule had."""

    reason: str
    label: str
    count: int


@dataclass(frozen=True)
class Audience:
    """The chosen, best first, with their arms.

    candidates : everyone in the band or segment, before any exclusion.
    offer : (n,) index into offers, -1 in the control.
    probability : (n,) of being in the arm that was drawn.
    """

    candidates: Ranked
    exclusions: tuple[Exclusion, ...]
    chosen: Ranked
    offers: tuple[Offer, ...]
    offer: IntArray
    probability: FloatArray

    @property
    def treated(self) -> BoolArray:
        return self.offer >= 0

    @property
    def worst_cases(self) -> IntArray:
        """(n,) minor units each may cost at most: 0 in the control."""
        return _worst_cases(self.offers, self.offer)


def select_audience(campaign: Campaign, *, at: datetime) -> Audience:
    """Every exclusion in its order, then ranks, arms, and what the limits leave of them."""
    offers = tuple(campaign.offers.order_by("pk"))
    everyone = candidates_of(campaign)
    left, exclusions = _excluded(campaign, everyone, at)
    offer, probability = draw_arms(
        list(left.key),
        salt=campaign.salt,
        control_share=campaign.control_share,
        weights=[offer.share for offer in offers],
    )
    wanted = min(campaign.maximum_customers or len(left), len(left))
    covered = min(wanted, _covered(campaign, _worst_cases(offers, offer)))
    exclusions += [
        Exclusion("beyond_maximum", LIMITS["beyond_maximum"], len(left) - wanted),
        Exclusion("beyond_budget", LIMITS["beyond_budget"], wanted - covered),
    ]
    return Audience(
        candidates=everyone,
        exclusions=tuple(exclusions),
        chosen=left.of(slice(covered)),
        offers=offers,
        offer=offer[:covered],
        probability=probability[:covered],
    )


def _excluded(campaign: Campaign, everyone: Ranked, at: datetime) -> tuple[Ranked, list[Exclusion]]:
    left, exclusions = everyone, []
    for rule in RULES:
        stays = ~np.isin(left.customer, rule.left_out(campaign, left, at))
        exclusions.append(Exclusion(rule.reason, rule.label, int((~stays).sum())))
        left = left.of(stays)
    return left, exclusions


def _covered(campaign: Campaign, worst_cases: IntArray) -> int:
    """How many, best first, fit into the budget. Who comes after is in neither arm: cutting off
    the treated alone would leave better customers in the control than outside it."""
    return int(np.searchsorted(np.cumsum(worst_cases), campaign.remaining_amount, side="right"))


def _worst_cases(offers: tuple[Offer, ...], offer: IntArray) -> IntArray:
    most = np.array([*(one.maximum_discount for one in offers), 0], dtype=np.int64)
    return most[offer]  # -1, the control, takes the last.
