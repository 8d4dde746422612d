"""What each offer is expected to change and to cost for each customer, before anybody gets it.

Measured by past campaigns where they measured it, else an assumption that is called so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, F, Q, Sum

from campaigns.models import Assignment, Campaign, Offer
from customers.models import Event, EventKind
from retention.learning.decide.priority import ResponsePrior
from retention.learning.panel import FloatArray

from .candidates import Ranked

MINIMUM_ORDERS = 0.1
"""Fewer expected orders a year than this say nothing of what an order comes to."""
NEWEST = 10_000
"""Lines that were bought last, to see what the shop keeps of what it sells."""
COSTS_KNOWN = 0.5
"""Of the newest sales the cost of so large a part must be known to speak of margin."""


@dataclass(frozen=True)
class Worth:
    """n customers and m offers; money in minor units, nan where there is no score.

    added : (n, m) change of the probability of staying. redeemed : (n, m) probability of using the
    coupon; anyway : (n,) of ordering without one. discount : (n, m) off an order of their average.
    value : (n,) what who stays brings in a year, as margin where costs are known.
    """

    added: FloatArray
    anyway: FloatArray
    redeemed: FloatArray
    discount: FloatArray
    value: FloatArray

    @property
    def cost(self) -> FloatArray:
        """(n, m) expected to be taken off."""
        return self.redeemed * self.discount

    @property
    def earned(self) -> FloatArray:
        """(n, m) value kept, before the cost."""
        return self.added * self.value[:, None]

    @property
    def net(self) -> FloatArray:
        """(n, m) expected gain: value kept less what the coupon costs."""
        return self.earned - self.cost


@dataclass(frozen=True)
class Ground:
    """What the shop's figures say of every customer.

    margin : part of a sale that stays when the goods are paid, None where costs are unknown.
    depth : part of an order that the coupons of the measured campaigns took off, None without.
    """

    margin: float | None
    depth: float | None

    @classmethod
    def of(cls, campaign: Campaign, customers: Ranked) -> "Ground":
        orders = float(np.nansum(customers.orders))
        average = float(np.nansum(customers.value)) / orders if orders else 0.0
        return cls(_margin(campaign.currency), _depth(campaign.currency, average))


def worth_of(customers: Ranked, offers: Sequence[Offer], ground: Ground) -> Worth:
    average = customers.value / np.maximum(customers.orders, MINIMUM_ORDERS)
    discount = np.column_stack([_discounts(offer, average) for offer in offers])
    risk, prior = customers.risk[:, None], ResponsePrior()
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(average[:, None] > 0, discount / average[:, None], 0.0)
    assumed = risk * np.minimum(prior.of(risk) * prior.deeper(depth), 1.0)
    uplift = customers.uplift[:, None]
    # Who is driven away is not driven away less by a smaller coupon.
    scaled = np.minimum(uplift * prior.deeper(depth, than=ground.depth), risk)
    measured = np.where(uplift > 0, scaled, uplift)
    added = np.where(np.isnan(uplift), assumed, measured)
    return Worth(
        added=added,
        anyway=1 - customers.risk,
        redeemed=np.clip(1 - risk + added, 0.0, 1.0),
        discount=discount,
        value=np.maximum(customers.value, 0.0) * (1.0 if ground.margin is None else ground.margin),
    )


def _discounts(offer: Offer, orders: FloatArray) -> FloatArray:
    """(n,) off each order; what nobody knows at its worst."""
    return np.array([_discount(offer, order) for order in orders.tolist()], dtype=np.float64)


def _discount(offer: Offer, order: float) -> int:
    if np.isnan(order):
        return offer.maximum_discount
    amount = round(order)
    return offer.cost_on(amount) if amount >= offer.minimum_spend else 0


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
    if known <= 0 or known < COSTS_KNOWN * sums["paid"]:
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
    off = sum(counts[offer.pk] * _discount(offer, average) for offer in offers)
    return off / sum(counts.values()) / average or None
