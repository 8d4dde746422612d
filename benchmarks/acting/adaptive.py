"""Arms shared anew in every wave by what works: who gets the best one, and whether intervals hold.

The peer is an equal split of the same customers, told apart the same way."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.acting import waves_daily
from benchmarks.bars import Bars
from retention.learning.decide.adaptive import next_shares
from retention.learning.measure.intervals import Sample, mean_difference
from retention.learning.measure.stratified import stratified
from retention.learning.panel import BoolArray, FloatArray, IntArray

WAVES, PEOPLE, CONTROL, ARMS = 5, 600, 0.2, 3
CLAIMED: Final = 0.95
SEASON: Final = np.array([0.08, 0.12, 0.20, 0.25, 0.12])
CALM: Final = np.full(WAVES, 0.15)
SHOPS: Final = {
    "arms alike": (CALM, np.zeros(ARMS)),
    "arms alike, seasons": (SEASON, np.zeros(ARMS)),
    "one arm is better": (CALM, np.array([0.0, 0.02, 0.08])),
    "one is better, seasons": (SEASON, np.array([0.0, 0.02, 0.08])),
}
"""Share of the control that responds in each wave, and what each arm adds; the last adds most."""


@dataclass(frozen=True)
class Campaign:
    """A row a customer: the wave, the arm (-1 in the control), whether they responded."""

    wave: IntArray
    arm: IntArray
    kept: FloatArray


@dataclass(frozen=True)
class Told:
    """Of one campaign: errors of the arms' effects (ARMS,), whether each interval held the truth,
    whether any arm seemed to differ from the control by an interval for all arms together."""

    error: FloatArray
    held: BoolArray
    alarm: bool


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Simulated campaigns in waves, shifted and equal, told by wave and as though drawn at once."""
    rng, many = np.random.default_rng(6), 300 if quick else 2_000
    error = 2 * np.sqrt(CLAIMED * (1 - CLAIMED) / many)
    bars.say(
        f"\n{many:,} campaigns a line: {ARMS} arms and a control of {CONTROL:.0%} in {WAVES} waves"
        f" of {PEOPLE}; effects of arms against the control"
    )
    for words, (base, added) in SHOPS.items():
        equal, shifted = (
            [_play(base, added, adaptive=adaptive, rng=rng) for _ in range(many)]
            for adaptive in (False, True)
        )
        more = _best(shifted) / _best(equal)
        peer, ours, plain = (
            [_told(one, added, by_wave=by_wave) for one in played]
            for played, by_wave in ((equal, True), (shifted, True), (shifted, False))
        )
        bars.say(f"  {words}: the last arm has {more:.2f} times as many customers as equally split")
        for name, told in (("equal split", peer), ("by wave", ours), ("naive pooled", plain)):
            bars.say(f"    {name:12} {_words(told)}")
        # Three intervals a campaign: no more exact than their campaigns are.
        bars.at_least(f"ACT-4 waves: coverage, {words}", _coverage(ours), CLAIMED - error)
        if not added.any():
            alarms = float(np.mean([one.alarm for one in ours]))
            bars.at_most(f"ACT-4 waves: false alarms, {words}", alarms, 1 - CLAIMED + error)
        else:
            bars.at_least(f"ACT-4 waves: the best arm's customers, {words}", more, 1.2)
    waves_daily.run(bars, SHOPS, many=many // 2)


def _play(
    base: FloatArray, added: FloatArray, *, adaptive: bool, rng: np.random.Generator
) -> Campaign:
    """Each wave's arms are drawn with the shares that the waves before give."""
    size, responded = np.zeros((2, WAVES, ARMS), dtype=np.int64)
    shares, parts = np.full(ARMS, 1 / ARMS), []
    for wave, rate in enumerate(base):
        if adaptive:
            shares = next_shares(size[:wave], responded[:wave])
        arm = rng.choice(ARMS + 1, PEOPLE, p=[*(shares * (1 - CONTROL)), CONTROL])
        kept = rng.random(PEOPLE) < rate + np.append(added, 0.0)[arm]
        size[wave] = np.bincount(arm, minlength=ARMS + 1)[:ARMS]
        responded[wave] = np.bincount(arm[kept], minlength=ARMS + 1)[:ARMS]
        parts.append((np.full(PEOPLE, wave), np.where(arm == ARMS, -1, arm), kept))
    wave_of, arm_of, kept_of = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Campaign(wave_of, arm_of, kept_of.astype(np.float64))


def _told(campaign: Campaign, added: FloatArray, *, by_wave: bool) -> Told:
    """by_wave : as the product does; else customers of all waves as though drawn together."""
    stratum = campaign.wave if by_wave else np.zeros_like(campaign.wave)
    errors, held, alarm = [], [], False
    for arm, truth in enumerate(added.tolist()):
        mine, control = campaign.arm == arm, campaign.arm < 0
        rows = mine | control
        values, treated = campaign.kept[rows], mine[rows]
        if by_wave:
            difference = stratified(values, treated, stratum[rows], of=stratum)
            found, strict = (difference.interval(level) for level in _levels())
        else:
            arms = Sample.of(values[treated]), Sample.of(values[~treated])
            found, strict = (mean_difference(*arms, level=level) for level in _levels())
        errors.append(found.value - truth)
        held.append(found.low <= truth <= found.high)
        alarm |= strict.above_zero or strict.below_zero
    return Told(np.array(errors), np.array(held), alarm)


def _levels() -> tuple[float, float]:
    """Of one arm's interval, and of one that holds for all arms together (Bonferroni)."""
    return CLAIMED, 1 - (1 - CLAIMED) / ARMS


def _best(played: list[Campaign]) -> float:
    return float(np.mean([(one.arm == ARMS - 1).sum() for one in played]))


def _coverage(told: list[Told]) -> float:
    return float(np.mean([one.held for one in told]))


def _words(told: list[Told]) -> str:
    errors = np.array([one.error for one in told]) * 100
    alarms = np.mean([one.alarm for one in told])
    bias = " ".join(f"{value:+.2f}" for value in errors.mean(axis=0))
    off = " ".join(f"{value:.2f}" for value in np.sqrt((errors**2).mean(axis=0)))
    return (
        f"bias {bias} points, off by {off}; truth held {_coverage(told):.1%}; some arm seems to"
        f" differ {alarms:.1%}"
    )
