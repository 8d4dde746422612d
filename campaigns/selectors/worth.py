"""What each offer is expected to earn and to cost with each customer, before anybody gets it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
from django.db.models import Count, F, Q, Sum

from campaigns.models import Assignment, Campaign, Offer
from customers.models import Event, EventKind
from retention.learning.decide.pooled import LATER_ORDERS, expected_earnings, strength_of
from retention.learning.panel import BoolArray, FloatArray, IntArray

from .candidates import Candidates
from .response import Belief, belief_of

ASSUMED_MARGIN: Final = 0.4
"""What stays of a sale where costs are unknown."""
MINIMUM_ORDERS = 0.1
"""Fewer expected orders a year than this say nothing of what an order comes to."""
NEWEST = 10_000
"""Lines that were bought last, to see what the shop keeps of what it sells."""
MARGIN_BELIEVED_FROM = 0.5
"""Of the newest sales the cost of so large a part must be known to speak of margin."""


@dataclass(frozen=True)
class Worth:
    """n customers and m offers under a belief; money in minor units, nan where nothing is known.

    risk, uplift : (n,) as scored. strength, discount : (n, m) of each offer, and off an order of
    their average. order : (n,) margin that an added order brings, with what follows it.
    """

    belief: Belief
    risk: FloatArray
    uplift: FloatArray
    strength: FloatArray
    discount: FloatArray
    order: FloatArray

    def of(self, rows: IntArray | BoolArray | slice) -> Self:
        """Of some of the customers."""
        arrays = ("risk", "uplift", "strength", "discount", "order")
        return replace(self, **{name: getattr(self, name)[rows] for name in arrays})

    def under(self, belief: Belief) -> Self:
        """The same customers and offers, believed otherwise."""
        return replace(self, belief=belief)

    @cached_property
    def without(self) -> FloatArray:
        """(n,) chance of an order within the days measured, without an offer."""
        return self.belief.shift.without(self.risk)

    @cached_property
    def offered(self) -> FloatArray:
        """(n, m) the same with each offer: by measured uplift where it is known."""
        moved = [self.belief.shift.offered(self.risk, one) for one in self.strength.T]
        uplift = self.uplift[:, None] * self.belief.times
        # Who is driven away is not driven away less by a smaller coupon.
        deeper = np.where(uplift > 0, self.strength / self.belief.uplift_strength, 1.0)
        measured = np.clip(self.without[:, None] + uplift * deeper, 0.0, 1.0)
        return np.where(np.isnan(uplift), np.column_stack(moved), measured)

    @property
    def added(self) -> FloatArray:
        """(n, m) orders a customer that the offer adds."""
        return self.offered - self.without[:, None]

    @property
    def cost(self) -> FloatArray:
        """(n, m) expected to be taken off; of whom nothing is known at its worst."""
        cost = self.belief.shift.used * self.offered * self.discount
        return np.where(np.isnan(cost), self.discount, cost)

    @property
    def wasted(self) -> FloatArray:
        """(n, m) of the cost, on who would order anyway."""
        anyway = self.belief.shift.used * self.without[:, None] * self.discount
        return np.where(np.isnan(anyway), self.discount, np.minimum(anyway, self.cost))

    @property
    def net(self) -> FloatArray:
        """(n, m) expected to be earned: margin of added orders less what is taken off."""
        return expected_earnings(
            self.without[:, None],
            self.offered,
            order_margin=self.order[:, None],
            discount=self.discount,
            used=self.belief.shift.used,
        )


@dataclass(frozen=True)
class Ground:
    """What the shop's figures say of every customer, and what is believed of offers.

    margin : part of a sale that stays when the goods are paid; margin_known : else it is assumed.
    """

    margin: float
    margin_known: bool
    belief: Belief

    @classmethod
    def of(cls, campaign: Campaign, customers: Candidates) -> Self:
        orders = float(np.nansum(customers.orders))
        average = float(np.nansum(customers.value)) / orders if orders else 0.0
        depth = _depth(campaign.currency, average)
        strength = 1.0 if depth is None else float(strength_of(np.array(depth)))
        belief = belief_of(uplift_known=_is_measured(customers), uplift_strength=strength)
        margin = _margin(campaign.currency)
        return cls(ASSUMED_MARGIN if margin is None else margin, margin is not None, belief)


def worth_of(customers: Candidates, offers: Sequence[Offer], ground: Ground) -> Worth:
    average = np.maximum(customers.value, 0.0) / np.maximum(customers.orders, MINIMUM_ORDERS)
    discount = np.column_stack([_discounts(offer, average) for offer in offers])
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(average[:, None] > 0, discount / average[:, None], 0.0)
    return Worth(
        belief=ground.belief,
        risk=customers.risk,
        uplift=customers.uplift,
        strength=strength_of(depth),
        discount=discount,
        order=LATER_ORDERS * ground.margin * average,
    )


def discount_of(offer: Offer, order: float) -> int:
    """What it takes off an order, or costs with it; at its worst where nobody knows the order."""
    if np.isnan(order):
        return offer.maximum_discount
    amount = round(order)
    return offer.cost_on(amount) if amount >= offer.minimum_spend else 0


def _discounts(offer: Offer, orders: FloatArray) -> FloatArray:
    amounts, place = np.unique(np.round(orders), return_inverse=True)
    each = np.array([discount_of(offer, amount) for amount in amounts.tolist()], dtype=np.float64)
    return each[place]


def _is_measured(customers: Candidates) -> bool:
    scored = ~np.isnan(customers.risk)
    return bool(scored.any()) and not np.isnan(customers.uplift[scored]).any()


def _margin(currency: str) -> float | None:
    newest = Event.objects.filter(kind=EventKind.PURCHASE, currency=currency).order_by("-pk")
    lines = Event.objects.filter(pk__in=newest.values("pk")[:NEWEST])
    costed = Q(product__cost__isnull=False)
    sums = lines.aggregate(
        paid=Sum("amount"),
        known=Sum("amount", filter=costed),
        cost=Sum(F("quantity") * F("product__cost"), filter=costed),
    )
    known = sums["known"] or 0
    if known <= 0 or known < MARGIN_BELIEVED_FROM * sums["paid"]:
        return None
    return float(min(max(1 - sums["cost"] / known, 0.0), 1.0))


def _depth(currency: str, average: float) -> float | None:
    """Of an average order, by the coupons given in campaigns that were measured to the end."""
    given = (
        Assignment.objects.filter(
            campaign__state=Campaign.State.COMPLETED,
            campaign__currency=currency,
            outcome=Assignment.Outcome.ISSUED,
        )
        .values_list("offer")
        .annotate(n=Count("pk"))
    )
    counts: dict[int, int] = dict(given)
    if not counts or average <= 0:
        return None
    offers = Offer.objects.filter(pk__in=counts)
    off = sum(counts[offer.pk] * discount_of(offer, average) for offer in offers)
    return off / sum(counts.values()) / average or None
