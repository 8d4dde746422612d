"""What a campaign would cost and keep with other settings; nothing is written."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt
from typing import Any

import numpy as np

from campaigns.models import Campaign, Offer
from campaigns.plans import CampaignPlan, OfferPlan
from retention.learning.measure.intervals import z_of
from retention.learning.panel import FloatArray
from retention.present.amounts import MOST

from .audience import Audience, Eligible, Exclusion, drawn, eligible
from .preview import baseline_of, detectable_of, is_measured
from .response import Response, response_of

BUDGETS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of the chosen budget, or of what all customers may cost, for the curve."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be moved. depth : of every discount, as a multiple of what the draft gives."""

    budget_amount: int
    control_share: float
    minimum_risk: float | None = None
    maximum_customers: int | None = None
    depth: float = 1.0


@dataclass(frozen=True)
class Range:
    """A figure, and between what it may lie: 95 % where experiments say so, else as assumed."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class Point:
    """What a budget is expected to bring, and how many would get a coupon."""

    budget: int
    treated: int
    net: Range


@dataclass(frozen=True)
class WhatIf:
    """Customers and minor units.

    found : in the band or segment; exclusions : of these. curve : none where nobody gets a coupon.
    kept : value of the customers expected to be kept; cost : expected to be taken off, of which
    wasted on those who would order anyway; net : kept less cost. margin : what of a sale is kept,
    None where costs are unknown and revenue is counted.
    """

    settings: Settings
    offers: tuple[str, ...]
    found: int
    exclusions: tuple[Exclusion, ...]
    chosen: int
    treated: int
    control: int
    worst_case: int
    kept: Range
    cost: Range
    wasted: Range
    net: Range
    detectable: float | None
    margin: float | None
    response: Response
    curve: tuple[Point, ...]
    currency: str


def settings_of(campaign: Campaign) -> Settings:
    return Settings(
        budget_amount=campaign.budget_amount,
        control_share=campaign.control_share,
        minimum_risk=campaign.minimum_risk,
        maximum_customers=campaign.maximum_customers,
    )


def changed(plan: CampaignPlan, settings: Settings) -> CampaignPlan:
    """The plan with these settings; names that only said what an offer gave say it anew."""
    offers = tuple(
        replace(
            offer,
            name="" if offer.name == offer.words(plan.currency) else offer.name,
            **_deeper(offer, settings.depth),
        )
        for offer in plan.offers
    )
    return replace(
        plan,
        offers=offers,
        budget_amount=settings.budget_amount,
        control_share=settings.control_share,
        minimum_risk=settings.minimum_risk,
        maximum_customers=settings.maximum_customers,
    )


def what_if(campaign: Campaign, settings: Settings, *, at: datetime) -> WhatIf:
    """With the customers of now; whoever launches later finds others."""
    tried = copy(campaign)
    for name in ("budget_amount", "control_share", "minimum_risk", "maximum_customers"):
        setattr(tried, name, getattr(settings, name))
    given = campaign.offers.select_related("gift", "category").prefetch_related("products")
    offers = tuple(_tried(offer, settings.depth) for offer in given.order_by("pk"))
    who = eligible(tried, at=at)
    response = response_of(measured=is_measured(who.left), depth=who.ground.depth)
    audience = drawn(tried, offers, who)
    figures, treated = _Figures.of(audience, response), int(audience.treated.sum())
    worst_case = int(audience.worst_cases.sum())
    here = Point(settings.budget_amount, treated, figures.net)
    control = len(audience.chosen) - treated
    return WhatIf(
        settings=settings,
        offers=tuple(OfferPlan.of(offer).words(campaign.currency) for offer in offers),
        found=len(audience.candidates),
        exclusions=audience.exclusions,
        chosen=len(audience.chosen),
        treated=treated,
        control=control,
        worst_case=worst_case,
        kept=figures.kept,
        cost=figures.cost,
        wasted=figures.wasted,
        net=figures.net,
        detectable=detectable_of(baseline_of(audience.chosen.risk), treated, control),
        margin=who.ground.margin,
        response=response,
        curve=tuple(_curve(tried, offers, who, response, here=here, worst_case=worst_case)),
        currency=campaign.currency,
    )


def _curve(
    tried: Campaign,
    offers: tuple[Offer, ...],
    who: Eligible,
    response: Response,
    *,
    here: Point,
    worst_case: int,
) -> Iterator[Point]:
    """Through the point of the budget that is asked about; of budgets that bring the same, one."""
    if not here.treated:
        return
    # Where there are fewer customers than the budget would cover, what they need is the scale.
    scale, told = min(here.budget, worst_case), {(here.treated, here.net)}
    for budget in sorted({round(part * scale) for part in BUDGETS} | {here.budget}):
        if budget == here.budget:
            yield here
            continue
        tried.budget_amount = budget
        audience = drawn(tried, offers, who)
        net = _Figures.of(audience, response).net
        point = Point(budget, int(audience.treated.sum()), net)
        if (point.treated, net) not in told:
            told.add((point.treated, net))
            yield point


def _deeper(offer: Any, depth: float) -> dict[str, Any]:
    """What an offer, or its plan, gives at another depth; shipping costs what it costs."""
    if depth == 1 or offer.benefit not in {Offer.Benefit.PERCENT, Offer.Benefit.AMOUNT}:
        return {}
    scaled = {
        name: max(round(value * depth), 1)
        for name in ("percent", "amount", "maximum_discount")
        if (value := getattr(offer, name)) is not None
    }
    return scaled | ({"percent": min(scaled["percent"], 100)} if "percent" in scaled else {})


def _tried(offer: Offer, depth: float) -> Offer:
    other = copy(offer)
    for name, value in _deeper(offer, depth).items():
        setattr(other, name, value)
    return other


@dataclass(frozen=True)
class _Figures:
    kept: Range
    cost: Range
    wasted: Range
    net: Range

    @classmethod
    def of(cls, audience: Audience, response: Response) -> "_Figures":
        """Of those who would get a coupon. What is uncertain: how many are kept for what is
        expected; and luck, with values as spread as an exponential's."""
        worth = audience.worth
        rows = np.flatnonzero(audience.treated)
        mine = audience.offer[rows]
        added, off = np.nan_to_num(worth.added[rows, mine]), worth.discount[rows, mine]
        anyway, value = np.nan_to_num(worth.anyway[rows], nan=1.0), np.nan_to_num(worth.value[rows])
        earned, wasted, more = added * value, anyway * off, added * off
        luck_kept = float((2 * np.abs(added) * value**2).sum())
        luck_cost = _spread(np.clip(anyway + added, 0.0, 1.0), off)
        worst = int(audience.worst_cases.sum())
        nothing = np.zeros(1)
        cost = _range(more, wasted, response, luck_cost)
        # Luck alone keeps nobody's value below nothing, nor a cost above its worst case.
        least = min(round(response.low * float(earned.sum())), 0)
        net = _range(earned - more, -wasted, response, luck_kept + luck_cost)
        return cls(
            kept=_within(_range(earned, nothing, response, luck_kept), low=least),
            cost=_within(cost, low=0, high=worst),
            wasted=_within(
                _range(nothing, wasted, response, _spread(anyway, off)), low=0, high=worst
            ),
            net=_within(net, low=least - min(cost.high, worst)),
        )


def _spread(chance: FloatArray, off: FloatArray) -> float:
    return float((chance * (1 - chance) * off**2).sum())


def _range(moving: FloatArray, fixed: FloatArray, response: Response, luck: float) -> Range:
    """moving : what grows with the response. luck : variance."""
    slope, ground = float(moving.sum()), float(fixed.sum())
    value = response.value * slope + ground
    ends = sorted((response.low * slope + ground, response.high * slope + ground))
    chance = z_of(0.95) ** 2 * luck
    down, up = (sqrt((value - end) ** 2 + chance) for end in ends)
    return Range(round(value), round(value - down), round(value + up))


def _within(given: Range, *, low: int, high: int = MOST) -> Range:
    return Range(given.value, max(given.low, low), min(given.high, high))
