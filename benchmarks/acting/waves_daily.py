"""A campaign whose arms shift from wave to wave, looked at on every day until its last: how often
an arm that does nothing seems to do something, and whether all intervals of all days hold.

The peer is the interval of a single look, drawn of the same customers on the same days."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.bars import Bars
from retention.learning.decide.adaptive import next_shares
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.looking import (
    known_of_arm,
    known_of_customers,
    level_of_look,
)
from retention.learning.measure.stratified import Difference, stratified
from retention.learning.panel import BoolArray, FloatArray, IntArray

PEOPLE: Final = 600
CONTROL, CLAIMED, COMMON = 0.2, 0.95, 10
APART: Final = 7
"""Days from wave to wave, and of a customer's after which the shares may follow them."""


@dataclass(frozen=True)
class Shop:
    """base : share of the control that orders, by wave. added : by each arm. days : measured."""

    base: FloatArray
    added: FloatArray
    days: int

    @property
    def last_wave(self) -> int:
        return (len(self.base) - 1) * APART

    @property
    def last_day(self) -> int:
        return self.last_wave + self.days


@dataclass(frozen=True)
class Campaign:
    """(n,) a row a customer: the wave, the arm (as many as there are in the control), whether they
    ordered within their days."""

    wave: IntArray
    arm: IntArray
    kept: BoolArray


@dataclass
class Looked:
    """Of all looks of a campaign together: whether some arm seemed to differ; whether every
    interval held the truth; the same of the arms on the last day alone."""

    alarm: bool = False
    held: bool = True
    held_last: bool = True

    def see(self, found: list[Estimate], truth: list[float]) -> None:
        """One more day, with the intervals of all arms that are told."""
        self.alarm |= any(one.above_zero or one.below_zero for one in found)
        self.held_last = all(
            one.low <= real <= one.high for one, real in zip(found, truth, strict=True)
        )
        self.held &= self.held_last


def run(bars: Bars, shops: dict[str, tuple[FloatArray, FloatArray]], *, many: int) -> None:
    rng, error = np.random.default_rng(7), 2 * np.sqrt(CLAIMED * (1 - CLAIMED) / many)
    bars.say(f"\nThe same on every day, {many:,} campaigns a line, a wave every {APART} days")
    for days in (APART, 3 * APART):
        for words, (base, added) in shops.items():
            shop = Shop(base, added, days)
            looked = [_looked(_play(shop, rng), shop) for _ in range(many)]
            ours, plain = (list(column) for column in zip(*looked, strict=True))
            where = f"{words}, {days} days measured"
            bars.say(f"  {where}\n    by look     {_words(ours)}\n    single look {_words(plain)}")
            held, alarms = _share(ours, "held"), _share(ours, "alarm")
            bars.at_least(f"ACT-4 waves daily: all hold, {where}", held, CLAIMED - error)
            if not added.any():
                name = f"ACT-4 waves daily: false alarms, {where}"
                bars.at_most(name, alarms, 1 - CLAIMED + error)


def _play(shop: Shop, rng: np.random.Generator) -> Campaign:
    """Whoever orders does so on any of their days alike; shares follow the first APART of them."""
    arms, parts = len(shop.added), []
    size, ordered = np.zeros((2, len(shop.base), arms), dtype=np.int64)
    for wave, rate in enumerate(shop.base):
        shares = next_shares(size[:wave], ordered[:wave])
        arm = rng.choice(arms + 1, PEOPLE, p=[*(shares * (1 - CONTROL)), CONTROL])
        kept = rng.random(PEOPLE) < rate + np.append(shop.added, 0.0)[arm]
        soon = kept & (rng.random(PEOPLE) < APART / shop.days)
        size[wave] = np.bincount(arm, minlength=arms + 1)[:arms]
        ordered[wave] = np.bincount(arm[soon], minlength=arms + 1)[:arms]
        parts.append((np.full(PEOPLE, wave), arm, kept))
    wave_of, arm_of, kept_of = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Campaign(wave_of, arm_of, kept_of)


def _looked(campaign: Campaign, shop: Shop) -> tuple[Looked, Looked]:
    """With the intervals of a look, and with those of a single one.

    Between two waves nothing new is known but that fewer will come, so the last of those days
    has the narrowest intervals: what holds then held on all of them."""
    ours, plain = Looked(), Looked()
    missed = (1 - CLAIMED) / len(shop.added)
    for day in range(shop.days + APART - 1, shop.last_day + APART, APART):
        over = int((campaign.wave * APART + shop.days <= day).sum())
        told, known = list(_told(campaign, over, arms=len(shop.added))), _known(over, day, shop)
        truth = [float(shop.added[arm]) for arm, _, _ in told]
        parts = [known_of_arm(known, share=share) for _, _, share in told]
        levels = [level_of_look(part, level=1 - missed) for part in parts]
        differences = [difference for _, difference, _ in told]
        ours.see([one.interval(at) for one, at in zip(differences, levels, strict=True)], truth)
        plain.see([one.interval(1 - missed) for one in differences], truth)
    return ours, plain


def _known(over: int, day: int, shop: Shop) -> float:
    """As the product tells it, which does not know who will come until the last wave is in."""
    if day >= shop.last_wave:
        elapsed, came = 1.0, len(shop.base) * PEOPLE
    else:
        elapsed, came = day / (len(shop.base) * APART), (day // APART + 1) * PEOPLE
    return known_of_customers(over, came=came, elapsed=elapsed)


def _told(campaign: Campaign, over: int, *, arms: int) -> Iterator[tuple[int, Difference, float]]:
    """Each arm that is told of the first so many customers, and its share of them."""
    wave, arm = campaign.wave[:over], campaign.arm[:over]
    kept = campaign.kept[:over].astype(np.float64)
    for one in range(arms):
        mine, control = arm == one, arm == arms
        counts = [
            (kept[group].sum(), (~kept[group].astype(bool)).sum()) for group in (mine, control)
        ]
        rows = mine | control
        if min(min(pair) for pair in counts) >= COMMON:
            yield one, stratified(kept[rows], mine[rows], wave[rows], of=wave), float(mine.mean())


def _share(looked: list[Looked], of: str) -> float:
    return float(np.mean([getattr(one, of) for one in looked]))


def _words(looked: list[Looked]) -> str:
    alarm, held, last = (_share(looked, name) for name in ("alarm", "held", "held_last"))
    return (
        f"some arm seems to differ on some day {alarm:.1%}; truth within for all arms on all days"
        f" {held:.1%}, on the last {last:.1%}"
    )
