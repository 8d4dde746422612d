"""How often a campaign's interval holds what the campaign truly did, where the truth is known.

The simulation plays the same two months twice, with a coupon for everyone and with one for nobody.
Its customers do not touch each other, so both answers of each are known, and any draw of arms is a
campaign whose true effect is the mean difference of its customers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.acting.played import (
    CUSTOMERS,
    DEFINITION,
    OFFER,
    Learned,
    buyers_in,
    morning,
)
from benchmarks.bars import Bars
from retention.learning.measure.adjusting import adjusted, winsorised
from retention.learning.measure.intervals import Sample, mean_difference
from retention.learning.measure.looking import LAST_LOOK
from retention.learning.panel import FloatArray, IntArray
from retention.learning.simulate import Coupons, EventBatch, Shop, margin_by_customer

DRAWS, SIZE = 200, 600
METRICS: Final = ("customers kept", "margin")
LEVELS: Final = (0.95, LAST_LOOK)


@dataclass(frozen=True)
class Covered:
    """Of DRAWS campaigns, by metric and level, (2, 2): how many intervals held the truth."""

    held: FloatArray


def covered(learned: Learned, *, seed: int) -> Covered:
    """Campaigns of SIZE customers drawn from one morning, half of them control."""
    now = morning(learned, learned.shop.fork(), [learned.history])
    twice = [_lived(learned.shop, now.customers if given else None) for given in (False, True)]
    without, offered = (lived[:, now.customers] for lived in twice)
    before = np.column_stack([now.risk, now.value, now.buying.orders, np.log1p(now.buying.spend)])
    rng, held = np.random.default_rng(seed), np.zeros((len(METRICS), len(LEVELS)))
    for _ in range(DRAWS):
        rows = rng.choice(len(now.customers), SIZE, replace=False)
        treated = rng.random(SIZE) < 0.5
        for metric in range(len(METRICS)):
            both = without[metric, rows], offered[metric, rows]
            seen = np.where(treated, both[1], both[0])
            calm = winsorised(seen)
            if METRICS[metric] == "margin":
                seen, both = calm.values, tuple(np.minimum(one, calm.cap) for one in both)
            values = adjusted(seen, treated, before[rows]).values
            arms = Sample.of(values[treated]), Sample.of(values[~treated])
            truth = float((both[1] - both[0]).mean())
            for place, level in enumerate(LEVELS):
                found = mean_difference(*arms, level=level)
                held[metric, place] += found.low <= truth <= found.high
    return Covered(held)


def tell(bars: Bars, seeds: list[Covered]) -> None:
    """Said with the simulation's error over seeds."""
    bars.say(
        f"\n{DRAWS * len(seeds):,} campaigns of {SIZE} customers in these shops, half control, two"
        " months: the interval holds the true effect"
    )
    for metric, name in enumerate(METRICS):
        for place, level in enumerate(LEVELS):
            shares = np.array([one.held[metric, place] for one in seeds]) / DRAWS
            error = 2 * float(shares.std(ddof=1)) / np.sqrt(len(shares))
            bars.say(f"  {name:15} claimed {level:.1%}: {shares.mean():.1%} (+- {error:.1%})")
            bars.at_least(f"ACT-6 coverage of {name} at {level:.1%}", shares.mean(), level - error)


def _lived(shop: Shop, given: IntArray | None) -> FloatArray:
    """(2, customers): whether each ordered, and the margin each left."""
    twin = shop.fork()
    coupons = Coupons.of(OFFER, customers=given, from_day=twin.day) if given is not None else None
    batch: EventBatch = twin.advance(twin.day + DEFINITION.horizon_days, coupons=coupons)
    margin = margin_by_customer(
        batch, twin.catalogue, n_customers=CUSTOMERS, order_cost=twin.spec.order_cost
    )
    return np.stack([buyers_in(batch), margin]).astype(np.float64)
