"""Whom a campaign would treat and whom it would compare them with, were it launched now.

The preview shows it and the launch stores it: one function, so the numbers are the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from campaigns.models import Campaign, Offer
from retention.learning.decide.allocation import allocate
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .arms import draw_arms
from .candidates import Ranked, candidates_of
from .exclusions import RULES
from .worth import Ground, Worth, worth_of

LIMITS = {
    "earns_nothing": "No offer is expected to earn what it costs",
    "beyond_maximum": "Beyond the largest number",
    "beyond_budget": "Beyond the budget",
}
"""What a campaign's own limits leave out, after every rule, by reason: in the words of people."""


@dataclass(frozen=True)
class Exclusion:
    """How many customers a rule left out that no earlier rule had."""

    reason: str
    label: str
    count: int


@dataclass(frozen=True)
class Eligible:
    """candidates : everyone in the band or segment. left : those that no rule left out."""

    candidates: Ranked
    left: Ranked
    exclusions: tuple[Exclusion, ...]
    ground: Ground


@dataclass(frozen=True)
class Audience:
    """The chosen, best first, with their arms.

    candidates : everyone in the band or segment, before any exclusion.
    offer : (n,) index into offers, -1 in the control. intended : (n,) the same, and of the control
    what it would have got; -1 where the lot decides that.
    probability : (n,) of being in the arm that was drawn.
    gap : what the allocation may lack to the best there is, as a share of it; None by lot.
    """

    candidates: Ranked
    exclusions: tuple[Exclusion, ...]
    chosen: Ranked
    offers: tuple[Offer, ...]
    offer: IntArray
    intended: IntArray
    probability: FloatArray
    ground: Ground
    gap: float | None = None

    def of(self, rows: IntArray | slice) -> "Audience":
        """Some of the chosen."""
        return replace(
            self,
            chosen=self.chosen.of(rows),
            offer=self.offer[rows],
            intended=self.intended[rows],
            probability=self.probability[rows],
        )

    @property
    def treated(self) -> BoolArray:
        return self.offer >= 0

    @cached_property
    def worth(self) -> Worth:
        """Of the chosen and every offer."""
        return worth_of(self.chosen, self.offers, self.ground)

    @property
    def worst_cases(self) -> IntArray:
        """(n,) minor units each may cost at most: 0 in the control."""
        return _worst_cases(self.offers, self.offer)


def select_audience(campaign: Campaign, *, at: datetime) -> Audience:
    """Every exclusion in its order, then ranks, arms, and what the limits leave of them."""
    return drawn(campaign, tuple(campaign.offers.order_by("pk")), eligible(campaign, at=at))


def eligible(campaign: Campaign, *, at: datetime) -> Eligible:
    """Whom its rules leave, before its arms and its limits."""
    everyone = candidates_of(campaign, at=at)
    left, exclusions = _excluded(campaign, everyone, at)
    return Eligible(everyone, left, tuple(exclusions), Ground.of(campaign, left))


def drawn(campaign: Campaign, offers: tuple[Offer, ...], who: Eligible) -> Audience:
    """Arms and limits of a campaign, or of one that is only tried: it and its offers as given."""
    if campaign.assigning == Campaign.Assigning.WORTH:
        return _by_worth(campaign, offers, who)
    return _by_lot(campaign, offers, who)


def drawn_by_lot(campaign: Campaign, offers: tuple[Offer, ...], who: Eligible) -> Audience:
    """Everyone with their arm, before any limit."""
    offer, probability = draw_arms(
        list(who.left.key),
        salt=campaign.salt,
        control_share=campaign.control_share,
        weights=[offer.share for offer in offers],
    )
    return Audience(
        candidates=who.candidates,
        exclusions=who.exclusions,
        chosen=who.left,
        offers=offers,
        offer=offer,
        intended=offer,
        probability=probability,
        ground=who.ground,
    )


def _by_lot(campaign: Campaign, offers: tuple[Offer, ...], who: Eligible) -> Audience:
    everyone, left = drawn_by_lot(campaign, offers, who), len(who.left)
    wanted = min(campaign.maximum_customers or left, left)
    covered = min(wanted, _covered(campaign, everyone.worst_cases))
    limits = (
        _limit("beyond_maximum", left - wanted),
        _limit("beyond_budget", wanted - covered),
    )
    return replace(everyone.of(slice(covered)), exclusions=who.exclusions + limits)


def _by_worth(campaign: Campaign, offers: tuple[Offer, ...], who: Eligible) -> Audience:
    """Each customer the offer that is worth most under the budget. The control is drawn by the
    same salt from everyone, and then meant for an offer by the same rule as who gets one."""
    left = who.left
    arm, probability = draw_arms(
        list(left.key), salt=campaign.salt, control_share=campaign.control_share, weights=[1]
    )
    treated, net = arm >= 0, worth_of(left, offers, who.ground).net
    most = _most(offers)[:-1]
    found = allocate(
        net,
        np.broadcast_to(most, net.shape),
        budget=campaign.remaining_amount,
        counted=treated,
        most=campaign.maximum_customers,
    )
    rows = np.flatnonzero(found.offer >= 0)
    gain = net[rows, found.offer[rows]]
    best_first = np.lexsort((left.customer[rows], -gain))
    rows, gain = rows[best_first], gain[best_first]
    worth_it = int((np.nan_to_num(net, nan=-1.0) > 0).any(axis=1).sum())
    is_full = len(rows) == campaign.maximum_customers
    limits = (
        _limit("earns_nothing", len(left) - worth_it),
        _limit("beyond_maximum", worth_it - len(rows) if is_full else 0),
        _limit("beyond_budget", 0 if is_full else worth_it - len(rows)),
    )
    return Audience(
        candidates=who.candidates,
        exclusions=who.exclusions + limits,
        chosen=replace(left.of(rows), gain=gain),
        offers=offers,
        offer=np.where(treated[rows], found.offer[rows], -1),
        intended=found.offer[rows],
        probability=probability[rows],
        ground=who.ground,
        gap=found.gap,
    )


def _limit(reason: str, count: int) -> Exclusion:
    return Exclusion(reason, LIMITS[reason], count)


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
    return _most(offers)[offer]  # -1, the control, takes the last.


def _most(offers: tuple[Offer, ...]) -> IntArray:
    """(m + 1,) what each offer may cost at most, and the control."""
    return np.array([*(one.maximum_discount for one in offers), 0], dtype=np.int64)
