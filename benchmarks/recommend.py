"""Recommending: `python -m benchmarks.recommend [--quick] [--data FOLDER] [--only PART ...]`.

Quality on public sets, full catalogue, against implicit, tuned on an earlier cut-off, and Surprise
on its defaults; speed against implicit's C++ in the same process. Run it on an idle machine.
"""

import argparse
import warnings
from pathlib import Path

from benchmarks.bars import Bars
from benchmarks.recommending import answers, cold, data, memory, shops, speed, stars

PARTS = ("speed", "shop", "cold", "stars", "grocer", "answers")
SMALL, LARGE = (20_000, 20_000, 2_000_000), (100_000, 1_000_000, 10_000_000)
# What fits a minute: as many products to serve from, fewer events to learn from.
QUICK = (20_000, 1_000_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description="How well, and how fast, it recommends.")
    parser.add_argument("--quick", action="store_true", help="Within a minute.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    quick, only, folder = arguments.quick, set(arguments.only), arguments.data
    # implicit warns that BLAS has threads of its own; both sides have the same.
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    bars = Bars()
    if "speed" in only:
        for size in [SMALL] if quick else [SMALL, LARGE]:
            speed.sweeps(bars, size, rounds=3)
            memory.memory(bars, size)
        speed.serving(bars, QUICK if quick else LARGE)
    if only & {"shop", "cold"}:
        gifts = data.online_retail(folder)
        if "shop" in only:
            shops.online_retail(bars, gifts, quick=quick)
        if "cold" in only:
            cold.cold(bars, gifts, quick=quick)
    if "stars" in only:
        stars.ratings(bars, folder, quick=quick)
    if "grocer" in only and not quick:
        shops.complete_journey(bars, data.complete_journey(folder))
    if "answers" in only and not quick:
        answers.answers(bars)
    bars.close()


if __name__ == "__main__":
    main()
