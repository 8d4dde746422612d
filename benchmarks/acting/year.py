"""ACT-6: a year of one shop under several ways to choose who gets a coupon, over many seeds."""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.acting.coverage import Covered, covered, tell
from benchmarks.acting.played import CUSTOMERS, MONTHS, Learned, Year, play
from benchmarks.acting.shopkeepers import POLICIES
from benchmarks.bars import Bars
from retention.learning.measure.intervals import Estimate, mean_estimate

SEEDS: Final = range(100, 120)
PROCESSES, POLITE = 2, 5
BEATEN: Final = ("no coupons", "everyone", "highest risk", "highest value", "RFM at risk")


@dataclass(frozen=True)
class Played:
    """One seed under every policy, and how often intervals held in it."""

    years: dict[str, Year]
    covered: Covered


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """Paired differences of profit, with the same chances under every policy."""
    if quick:
        bars.say("\nA year of one shop under several policies takes minutes: not in --quick.")
        return
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(PROCESSES, initializer=_polite) as pool:
        played = list(pool.map(one_seed, SEEDS))
    bars.say(
        f"\nA year of {CUSTOMERS:,} customers, {MONTHS} campaigns, {len(played)} seeds: against no"
        " coupons, with 95 % intervals"
    )
    for name in POLICIES:
        earned, kept = (_beside(played, name, "no coupons", what) for what in ("profit", "kept"))
        sent = np.mean([one.years[name].coupons for one in played])
        bars.say(
            f"  {name:20} profit {_pounds(earned)}, customers kept {_in_words(kept)},"
            f" {sent:,.0f} coupons"
        )
    for name in BEATEN:
        more = _beside(played, "ours", name, "profit")
        bars.say(f"  ours against {name:14} {_pounds(more)}")
        bars.at_least(f"ACT-6 profit of ours above {name}, pounds, low end", more.low / 100, 0.0)
    tell(bars, [one.covered for one in played])


def one_seed(seed: int) -> Played:
    learned = Learned.of(seed)
    years = {name: play(learned, policy, seed=seed) for name, policy in POLICIES.items()}
    return Played(years, covered(learned, seed=seed))


def _polite() -> None:
    os.nice(POLITE)


def _beside(played: list[Played], name: str, other: str, what: str) -> Estimate:
    gap = [getattr(one.years[name], what) - getattr(one.years[other], what) for one in played]
    return mean_estimate(np.array(gap, dtype=np.float64))


def _pounds(found: Estimate) -> str:
    return f"{found.value / 100:+,.0f} [{found.low / 100:+,.0f}, {found.high / 100:+,.0f}] pounds"


def _in_words(found: Estimate) -> str:
    return f"{found.value:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
