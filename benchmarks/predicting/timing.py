"""When to write, and about what: later orders against what was known before them."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from benchmarks.predicting import chances
from benchmarks.predicting.data import panel_of
from retention.learning.measure.intervals import Estimate, bootstrap
from retention.learning.panel import BoolArray, FloatArray, IntArray, Panel
from retention.learning.recommend.threads import one_blas_thread
from retention.learning.timing.circle import Circle, Seen
from retention.learning.timing.moments import HOURS, WEEKDAYS, Moments

SHOPS: Final = {"online-retail": "Online Retail", "complete-journey": "Complete Journey"}
KNOWN: Final = 0.7
"""So much of all order days is learned from, the rest is asked about."""
PLACES: Final = {HOURS: "hour", WEEKDAYS: "weekday"}
_PSEUDO: Final = 0.5
"""Added to raw shares: without it, an hour never seen before would be impossible (Krichevsky and
Trofimov 1981)."""


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Hour and weekday of later orders, by what was known of each customer before."""
    with one_blas_thread():
        for name, words in SHOPS.items():
            panel = panel_of(name, folder)
            for bins, place in PLACES.items():
                _asked(bars, f"TIMING-{name}-{place}", words, place, _Later.of(panel, bins))
        people = 20_000 if quick else 100_000
        _scale(bars, people)
        chances.run(bars, folder, people=people)


@dataclass(frozen=True)
class _Later:
    """Order days after a cut-off, by customer and place, of those who were there before."""

    seen: Seen
    came: FloatArray

    @classmethod
    def of(cls, panel: Panel, bins: int) -> "_Later":
        moments = Moments.of(
            customer=panel.customer,
            kind=panel.kind,
            second=panel.second,
            n_customers=panel.n_customers,
        )
        cut_off = np.quantile(moments.day, KNOWN)
        before, after = (moments.take(moments.day < cut_off), moments.take(moments.day >= cut_off))
        seen = Seen(before.counts(bins, ordered=True), before.counts(bins, ordered=False))
        known = np.flatnonzero(seen.days.sum(axis=1) > 0)
        return cls(seen.take(known), after.counts(bins, ordered=True)[known])


def _asked(bars: Bars, label: str, shop: str, place: str, later: _Later) -> None:
    seen, came = later.seen, later.came
    began = time.process_time()
    circle = Circle.fit(seen)
    habits, share = circle.habits(seen), circle.shares(seen)
    spent = time.process_time() - began
    raw = (seen.days + _PSEUDO) / (seen.days + _PSEUDO).sum(axis=1, keepdims=True)
    bars.say(
        f"\n{shop}, {place}: {len(came):,} customers known, {came.sum():,.0f} later order days; "
        f"strength {circle.strength:.1f} days, spread {circle.spread:g}, {spent:.2f} s"
    )
    everyone = np.ones(len(came), dtype=bool)
    over_shop = _gain(came, np.log(share) - np.log(circle.shop), everyone)
    over_raw = _gain(came, np.log(share) - np.log(raw), everyone)
    bars.say(f"  log likelihood an order: {_gained(over_shop)} on the shop's profile")
    bars.say(f"  {'':24} {_gained(over_raw)} on their own shares, half a day added to each")
    usual = np.full(len(came), int(np.argmax(circle.shop)))
    for words, who in (("a habit of their own", habits.own), ("the others", ~habits.own)):
        bars.say(
            f"  {words:20} {who.sum():6,} customers, {came[who].sum():7,.0f} order days: "
            f"{_hit(came, habits.place, who):.1%} at the answer, "
            f"{_hit(came, usual, who):.1%} at the shop's busiest, "
            f"{_hit(came, raw.argmax(axis=1), who):.1%} at their own most frequent"
        )
    bars.at_least(f"{label}-over-shop-low", over_shop.low, 0.0)
    bars.at_least(f"{label}-over-raw-low", over_raw.low, 0.0)


def _gain(came: FloatArray, better: FloatArray, who: BoolArray) -> Estimate:
    """Nats an order, by a bootstrap over customers."""
    gain, orders = (came * better).sum(axis=1)[who], came.sum(axis=1)[who]

    def mean(weights: FloatArray) -> float:
        return float(weights @ gain / (weights @ orders))

    rng = np.random.default_rng(1)
    return bootstrap(len(gain), {"gain": mean}, rng=rng)["gain"]


def _hit(came: FloatArray, place: IntArray, who: BoolArray) -> float:
    """Share of later order days at the place, of an hour with the one before and after."""
    bins = came.shape[1]
    near = (-1, 0, 1) if bins == HOURS else (0,)
    rows = np.flatnonzero(who)
    found = sum(came[rows, (place[rows] + step) % bins].sum() for step in near)
    return float(found / came[rows].sum())


def _gained(gain: Estimate) -> str:
    return f"{gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"


def _scale(bars: Bars, people: int) -> None:
    """Ten order days and forty visits each, drawn; from counts to answers."""
    rng = np.random.default_rng(1)
    habits = rng.dirichlet(np.ones(HOURS) / 4, size=people)
    seen = Seen(*(rng.multinomial(n, habits).astype(np.float64) for n in (10, 40)))
    began = time.process_time()
    Circle.fit(seen).habits(seen)
    spent = time.process_time() - began
    bars.say(f"\n{people:,} customers of ten order days and forty visits: {spent:.1f} s")
    bars.at_most("TIMING-hours-seconds-per-100k", spent * 100_000 / people, 10.0)
