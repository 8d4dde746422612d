"""What an operator sees before anything happens: exactly what a launch at this moment would do, or
with a trigger what the last days would have been."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from campaigns.models import Campaign
from retention.learning.measure.experiments import FEWEST
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.measure.power import detectable_share
from retention.learning.panel import FloatArray

from .audience import Audience, select_audience
from .by_chance import between
from .exclusions import Exclusion
from .fairness import GroupRate, fairness_of
from .fired import HISTORY_DAYS, would_have
from .first import FirstCustomer, Ranked, ranked, told
from .waves import number_of_waves

HISTORY = (HISTORY_DAYS, 90)
"""Days before for which it is told how often a trigger fired."""


@dataclass(frozen=True)
class Arm:
    """One group: an offer, or the control. worst_case : minor units for all its coupons.

    compared : customers of the control that an offer is measured against. too_few : it, or what it
    is compared with, is too small for an interval to be believed.
    """

    name: str
    customers: int
    worst_case: int
    compared: int
    too_few: bool


@dataclass(frozen=True)
class Volume:
    """To how many customers it happened in the last days what triggers a campaign, before any rule
    leaves them out."""

    days: int
    customers: int


@dataclass(frozen=True)
class Preview:
    """Customers and minor units.

    found : how many the band or segment holds; chosen : those left after the exclusions.
    control_between : from and to how many the control comes in 95 of 100 lots, where customers come
    in later and treated, control and arms are what is to be expected; else just control.
    worst_case : every coupon used at its most; expected_cost : what the scores let expect.
    baseline : share of the chosen expected to order anyway within the measured days.
    detectable : smallest true difference in that share that would be seen four times in five.
    assigning : SHARE by lot, or WORTH: each the offer that is worth most. gap : what the choice of
        offers may lack to the best there is under the budget, as a share; None by lot.
    ranked_by : what each is expected to earn, by UPLIFT where models of past campaigns tell whom
        coupons change; by PAST, what these measured together; else ASSUMED, not yet causal.
    waves : in how many parts they come in; 0 where all at once or one by one.
    volumes : of a campaign with a trigger, which is previewed as though it had run for the first of
        their days, under today's rules; else none. by_the_end : customers in both arms on the last
        day, if they go on coming so; detectable is of them. Without a trigger, as chosen.
    """

    found: int
    exclusions: tuple[Exclusion, ...]
    chosen: int
    treated: int
    control: int
    control_between: tuple[int, int]
    arms: tuple[Arm, ...]
    worst_case: int
    expected_cost: int
    baseline: float
    detectable: float | None
    currency: str
    ranked_by: str
    assigning: str
    gap: float | None
    fairness: tuple[GroupRate, ...]
    waves: int
    volumes: tuple[Volume, ...]
    by_the_end: int
    first: tuple[FirstCustomer, ...]

    @property
    def between(self) -> float | None:
        """The smallest true difference in that share between two offers drawn by lot, the smallest
        two, that would be seen four times in five; None where offers are not compared."""
        times = self.by_the_end / max(self.chosen, 1)
        offers = sorted(round(arm.customers * times) for arm in self.arms[:-1])
        if len(offers) < 2 or self.gap is not None:
            return None
        return detectable_of(self.baseline, *offers[:2])


def preview(campaign: Campaign, *, at: datetime) -> Preview:
    seen, first = foresee(campaign, at=at)
    return replace(seen, first=told(first))


def foresee(campaign: Campaign, *, at: datetime) -> tuple[Preview, tuple[Ranked, ...]]:
    """Its numbers, and the first in line as numbers too: nobody is named."""
    audience = select_audience(campaign, at=at)
    control = int(audience.arms[-1])
    treated = len(audience.chosen) - control
    baseline = baseline_of(audience.chosen.risk)
    times = _times(campaign, audience, at)
    seen = Preview(
        found=len(audience.candidates),
        exclusions=audience.exclusions,
        chosen=len(audience.chosen),
        treated=treated,
        control=control,
        control_between=(control, control)
        if audience.shares is None
        else between(len(audience.chosen), campaign.control_share),
        arms=_arms(audience),
        worst_case=audience.worst_case,
        expected_cost=round(audience.totals.cost),
        baseline=baseline,
        detectable=detectable_of(baseline, round(treated * times), round(control * times)),
        currency=campaign.currency,
        ranked_by=audience.worth.belief.basis,
        assigning=campaign.assigning,
        gap=audience.gap,
        fairness=fairness_of(audience),
        waves=number_of_waves(campaign, at=at),
        volumes=_volumes(campaign, at),
        by_the_end=round(len(audience.chosen) * times),
        first=(),
    )
    return seen, ranked(audience)


def _volumes(campaign: Campaign, at: datetime) -> tuple[Volume, ...]:
    if not campaign.waits:
        return ()
    return tuple(Volume(days, len(would_have(campaign, days=days, at=at))) for days in HISTORY)


def _times(campaign: Campaign, audience: Audience, at: datetime) -> float:
    """How many times as many as in the days of the preview come in until the last day."""
    if not campaign.waits or campaign.admits_until is None:
        return 1.0
    long = max((campaign.admits_until - at) / timedelta(days=HISTORY_DAYS), 0.0)
    most, here = campaign.maximum_customers, len(audience.chosen)
    covered = campaign.remaining_amount / max(audience.worst_case, 1)
    return min(long, covered, most / here if most and here else long)


def _arms(audience: Audience) -> tuple[Arm, ...]:
    *customers, control = audience.arms.tolist()
    offers = (
        _arm(
            offer.name,
            mine,
            mine * offer.maximum_discount,
            # By worth each offer has a control of its own: who would have got it.
            control
            if audience.gap is None
            else int((~audience.treated & (audience.intended == n)).sum()),
        )
        for n, (offer, mine) in enumerate(zip(audience.offers, customers, strict=True))
    )
    return (*offers, Arm("Control", control, 0, 0, too_few=False))


def _arm(name: str, customers: int, worst_case: int, compared: int) -> Arm:
    return Arm(name, customers, worst_case, compared, too_few=min(customers, compared) < FEWEST)


def baseline_of(risk: FloatArray) -> float:
    """Who is not expected to leave will order. Customers without a score say nothing."""
    known = risk[~np.isnan(risk)]
    return float(1 - known.mean()) if len(known) else 0.5


def detectable_of(baseline: float, treated: int, control: int) -> float | None:
    if not treated or not control:
        return None
    return detectable_share(treated, control, base=baseline, level=LAST_LOOK)
