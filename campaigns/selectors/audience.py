"""Whom a campaign would treat and whom it would compare them with, were it launched now.

The preview shows it and the launch stores it: one function, so the numbers are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from campaigns.models import Campaign, Offer
from retention.learning.decide.allocation import allocate
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .arms import draw_arms, shares_of
from .by_chance import Totals, counts_of, covered_by, covered_on_average, totals_of
from .candidates import Candidates, candidates_of
from .exclusions import RULES, Exclusion
from .response import Belief
from .worth import Ground, Worth, worth_of

LIMITS = {
    "earns_nothing": "No offer is expected to earn what it costs",
    "beyond_maximum": "Beyond the largest number",
    "beyond_budget": "Beyond the budget",
}
"""What a campaign's own limits leave out, after every rule, by reason: in the words of people."""


@dataclass(frozen=True)
class Eligible:
    """candidates : everyone in the band or segment. left : those that no rule left out."""

    candidates: Candidates
    left: Candidates
    exclusions: tuple[Exclusion, ...]
    ground: Ground


@dataclass(frozen=True)
class Priced:
    """Whom no offer is expected to lose by, best first, and what each is worth to each.

    gain : (n,) expected to be earned: by the best offer, or by the one that the lot will draw; nan
    where nothing is known of a customer, who come last.
    """

    candidates: Candidates
    left: Candidates
    exclusions: tuple[Exclusion, ...]
    offers: tuple[Offer, ...]
    worth: Worth
    gain: FloatArray


@dataclass(frozen=True)
class Audience:
    """The chosen, best first, with their arms, what each offer is worth to them, and their gain.

    candidates : everyone in the band or segment, before any exclusion.
    offer : (n,) index into offers, -1 in the control. intended : (n,) the same, and of the control
    what it would have got; -1 where the lot decides that.
    probability : (n,) of being in the arm that was drawn.
    gap : what the allocation may lack to the best there is, as a share of it; None by lot.
    shares : (m + 1,) of the offers and the control, where customers come in later: the lot falls
    then, on others too, and what it does to those of today is no forecast. Else None.
    """

    candidates: Candidates
    exclusions: tuple[Exclusion, ...]
    chosen: Candidates
    offers: tuple[Offer, ...]
    offer: IntArray
    intended: IntArray
    probability: FloatArray
    worth: Worth
    gain: FloatArray
    gap: float | None = None
    shares: FloatArray | None = None

    def of(self, rows: IntArray | slice) -> "Audience":
        """Some of the chosen."""
        return replace(
            self,
            chosen=self.chosen.of(rows),
            offer=self.offer[rows],
            intended=self.intended[rows],
            probability=self.probability[rows],
            worth=self.worth.of(rows),
            gain=self.gain[rows],
        )

    @property
    def treated(self) -> BoolArray:
        return self.offer >= 0

    @property
    def given(self) -> FloatArray:
        """(n, m) how likely each gets each offer: 1 or 0 where the lot has fallen."""
        if self.shares is not None:
            return np.broadcast_to(self.shares[:-1], (len(self.chosen), len(self.offers)))
        one_hot: FloatArray = np.equal.outer(self.offer, np.arange(len(self.offers))) * 1.0
        return one_hot

    @property
    def arms(self) -> IntArray:
        """(m + 1,) customers of each offer and, last, of the control; expected ones where the lot
        has not fallen."""
        if self.shares is not None:
            return counts_of(len(self.chosen), self.shares)
        return np.bincount(self.offer % (len(self.offers) + 1), minlength=len(self.offers) + 1)

    @property
    def worst_case(self) -> int:
        """Minor units, if every coupon of these is used at its most."""
        return int(self.arms @ _most(self.offers))

    @cached_property
    def totals(self) -> Totals:
        return self.totals_under(self.worth.belief)

    def totals_under(self, belief: Belief) -> Totals:
        """As they would be, were this true of offers."""
        return totals_of(self.worth.under(belief), self.given)

    @property
    def worst_cases(self) -> IntArray:
        """(n,) minor units each may cost at most: 0 in the control."""
        return _worst_cases(self.offers, self.offer)


def select_audience(campaign: Campaign, *, at: datetime) -> Audience:
    """Every exclusion in its order, then ranks, arms, and what the limits leave of them."""
    offers = tuple(campaign.offers.order_by("pk"))
    return drawn(campaign, priced(campaign, offers, eligible(campaign, at=at)))


def eligible(campaign: Campaign, *, at: datetime) -> Eligible:
    """Whom its rules leave, before its offers, its arms and its limits."""
    everyone = candidates_of(campaign, at=at)
    left, exclusions = _excluded(campaign, everyone, at)
    return Eligible(everyone, left, tuple(exclusions), Ground.of(campaign, left))


def priced(campaign: Campaign, offers: tuple[Offer, ...], who: Eligible) -> Priced:
    """What these offers are worth to whom, once for all that asks: audience, preview, what if.

    Nobody is left whom all are expected to lose by, or whom the lot is, unless the operator says
    so. Offers have the benefit of the doubt there; who comes first is what is expected.
    """
    worth = worth_of(who.left, offers, who.ground)
    gain = _gain(campaign, offers, worth)
    hoped = _gain(campaign, offers, worth.under(worth.belief.hopeful()))
    stays = (hoped > 0) | np.isnan(hoped)
    if campaign.send_at_a_loss:
        stays[:] = True
    elif campaign.assigning == Campaign.Assigning.WORTH:
        stays = hoped > 0
    rows = np.flatnonzero(stays)
    # Equal ones in the order of their ids, so that the same scores always give the same ranks.
    best = np.argsort(-np.nan_to_num(gain[rows], nan=-np.inf), kind="stable")
    rows = rows[best]
    lost = _limit("earns_nothing", len(stays) - len(rows))
    return Priced(
        candidates=who.candidates,
        left=who.left.of(rows),
        exclusions=(*who.exclusions, lost),
        offers=offers,
        worth=worth.of(rows),
        gain=gain[rows],
    )


def drawn(campaign: Campaign, who: Priced) -> Audience:
    """Arms and limits of a campaign, or of one that is only tried."""
    if campaign.assigning == Campaign.Assigning.WORTH:
        return _by_worth(campaign, who)
    return _by_lot(campaign, who)


def drawn_by_lot(
    campaign: Campaign, who: Priced, *, shares: Mapping[int, float] | None = None
) -> Audience:
    """Everyone with their arm, before any limit.

    shares : of the offers by id among those with a coupon, where a wave says them; else by weight.
    """
    offer, probability = draw_arms(
        list(who.left.key),
        salt=campaign.salt,
        control_share=campaign.control_share,
        weights=[shares[offer.pk] if shares else offer.share for offer in who.offers],
    )
    return _audience(who, offer=offer, intended=offer, probability=probability)


def _by_lot(campaign: Campaign, who: Priced) -> Audience:
    everyone, left = drawn_by_lot(campaign, who), len(who.left)
    wanted = min(campaign.maximum_customers or left, left)
    shares = None
    if not campaign.trigger:
        covered = covered_by(campaign.remaining_amount, everyone.worst_cases[:wanted])
    else:
        weights, most = [offer.share for offer in who.offers], _most(who.offers)
        shares = np.array(shares_of(weights, campaign.control_share))
        covered = covered_on_average(campaign.remaining_amount, most, shares, wanted=wanted)
    limits = (
        _limit("beyond_maximum", left - wanted),
        _limit("beyond_budget", wanted - covered),
    )
    chosen = everyone.of(slice(covered))
    return replace(chosen, exclusions=who.exclusions + limits, shares=shares)


def _by_worth(campaign: Campaign, who: Priced) -> Audience:
    """Each customer the offer that is worth most under the budget. The control is drawn by the
    same salt from everyone, and then meant for an offer by the same rule as who gets one."""
    arm, probability = draw_arms(
        list(who.left.key), salt=campaign.salt, control_share=campaign.control_share, weights=[1]
    )
    treated, net = arm >= 0, who.worth.net
    found = allocate(
        who.worth.under(who.worth.belief.hopeful()).net,
        np.broadcast_to(_most(who.offers)[:-1], net.shape),
        budget=campaign.remaining_amount,
        counted=treated,
        most=campaign.maximum_customers,
    )
    rows = np.flatnonzero(found.offer >= 0)
    gain = net[rows, found.offer[rows]]
    rows = rows[np.argsort(-gain, kind="stable")]
    is_full, out = len(rows) == campaign.maximum_customers, len(who.left) - len(rows)
    limits = (
        _limit("beyond_maximum", out if is_full else 0),
        _limit("beyond_budget", 0 if is_full else out),
    )
    chosen = _audience(
        replace(who, exclusions=who.exclusions + limits),
        offer=np.where(treated, found.offer, -1),
        intended=found.offer,
        probability=probability,
    ).of(rows)
    return replace(chosen, gain=net[rows, found.offer[rows]], gap=found.gap)


def _audience(
    who: Priced, *, offer: IntArray, intended: IntArray, probability: FloatArray
) -> Audience:
    return Audience(
        candidates=who.candidates,
        exclusions=who.exclusions,
        chosen=who.left,
        offers=who.offers,
        offer=offer,
        intended=intended,
        probability=probability,
        worth=who.worth,
        gain=who.gain,
    )


def _gain(campaign: Campaign, offers: tuple[Offer, ...], worth: Worth) -> FloatArray:
    """(n,) expected of the best offer, or on average over what the lot may draw."""
    if campaign.assigning == Campaign.Assigning.WORTH:
        best: FloatArray = worth.net.max(axis=1)
        return best
    shares = np.array([offer.share for offer in offers], dtype=np.float64)
    average: FloatArray = worth.net @ (shares / shares.sum())
    return average


def _limit(reason: str, count: int) -> Exclusion:
    return Exclusion(reason, LIMITS[reason], count)


def _excluded(
    campaign: Campaign, everyone: Candidates, at: datetime
) -> tuple[Candidates, list[Exclusion]]:
    left, exclusions = everyone, []
    for rule in RULES:
        stays = ~np.isin(left.customer, rule.left_out(campaign, left, at))
        exclusions.append(Exclusion(rule.reason, rule.label, int((~stays).sum())))
        left = left.of(stays)
    return left, exclusions


def _worst_cases(offers: tuple[Offer, ...], offer: IntArray) -> IntArray:
    return _most(offers)[offer]  # -1, the control, takes the last.


def _most(offers: tuple[Offer, ...]) -> IntArray:
    """(m + 1,) what each offer may cost at most, and the control."""
    return np.array([*(one.maximum_discount for one in offers), 0], dtype=np.int64)
