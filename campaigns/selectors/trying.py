"""What a campaign would cost and keep with other settings; nothing is written."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt
from typing import Any

from campaigns.models import Campaign, Offer
from campaigns.plans import CampaignPlan, OfferPlan
from retention.learning.measure.intervals import z_of
from retention.present.amounts import MOST

from .audience import Audience, Priced, drawn, eligible, priced
from .by_chance import Totals, luck_of
from .exclusions import Exclusion
from .preview import baseline_of, detectable_of
from .response import Response

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
    kept : margin that added orders bring, with what follows them; cost : expected to be taken off,
    of which wasted on those who would order anyway; net : kept less cost. margin : what of a sale
    is counted as kept; margin_known : or else it is assumed.
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
    margin: float
    margin_known: bool
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
    found = eligible(tried, at=at)
    who = priced(tried, offers, found)
    audience = drawn(tried, who)
    figures, control = _Figures.of(audience), int(audience.arms[-1])
    treated = len(audience.chosen) - control
    worst_case = audience.worst_case
    here = Point(settings.budget_amount, treated, figures.net)
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
        margin=found.ground.margin,
        margin_known=found.ground.margin_known,
        response=found.ground.belief.response(),
        curve=tuple(_curve(tried, who, here=here, worst_case=worst_case)),
        currency=campaign.currency,
    )


def _curve(tried: Campaign, who: Priced, *, here: Point, worst_case: int) -> Iterator[Point]:
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
        audience = drawn(tried, who)
        net = _Figures.of(audience).net
        point = Point(budget, int(audience.arms[:-1].sum()), net)
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
    def of(cls, audience: Audience) -> "_Figures":
        """Of those who would get a coupon. What is uncertain: what is believed of offers; and luck,
        with orders as spread as an exponential's."""
        here, luck = audience.totals, luck_of(audience.worth, audience.given)
        off = [audience.totals_under(one) for one in audience.worth.belief.one_error_off()]

        def spread(figure: Callable[[Totals], float]) -> float:
            return sum((figure(one) - figure(here)) ** 2 for one in off)

        sure = spread(lambda one: one.brought)
        worst = audience.worst_case
        # Luck alone keeps what is brought no lower than nothing, nor a cost above its worst case.
        least = min(round(here.brought - z_of(0.95) * sqrt(sure)), 0)
        cost = _within(_range(here.cost, spread(lambda one: one.cost) + luck.cost), 0, worst)
        wasted = _range(here.wasted, spread(lambda one: one.wasted) + luck.wasted)
        net = _range(here.net, spread(lambda one: one.net) + luck.brought + luck.cost)
        return cls(
            kept=_within(_range(here.brought, sure + luck.brought), least),
            cost=cost,
            wasted=_within(wasted, 0, worst),
            net=_within(net, least - cost.high),
        )


def _range(value: float, variance: float) -> Range:
    half = z_of(0.95) * sqrt(variance)
    return Range(round(value), round(value - half), round(value + half))


def _within(given: Range, low: int, high: int = MOST) -> Range:
    return Range(given.value, max(given.low, low), min(given.high, high))
