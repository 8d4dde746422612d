"""Predicting: `python -m benchmarks.predict [--quick] [--data FOLDER] [--only PART ...]`.

On public sets, against the field's own libraries in the same run. Run it on an idle machine.
`--quick` is what fits a minute; with `--only` it is the quicker half of any part.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks.bars import Bars
from benchmarks.predicting import baskets, churn, clusters, drift, nightly, own_gap, timing, value

PARTS: dict[str, Callable[..., None]] = {
    "churn": churn.run,
    "value": value.run,
    "baskets": baskets.run,
    "timing": timing.run,
    "clusters": clusters.run,
    "nightly": nightly.run,
    "drift": drift.run,
    "own-gap": own_gap.run,
}
"""Each is called with the bars, the folder of the data and `quick`."""
QUICK = ("baskets", "clusters")
"""Together within a minute."""


def main() -> None:
    parser = argparse.ArgumentParser(description="How well, and how fast, it predicts.")
    parser.add_argument("--quick", action="store_true", help="Within a minute.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=PARTS, help="Parts.")
    arguments = parser.parse_args()
    bars = Bars()
    for name in arguments.only or (QUICK if arguments.quick else PARTS):
        PARTS[name](bars, arguments.data, quick=arguments.quick)
    bars.close()


if __name__ == "__main__":
    main()
