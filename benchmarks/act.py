"""Deciding and proving: `python -m benchmarks.act [--quick] [--data FOLDER] [--only PART ...]`.

Against the field's own libraries in the same run. Run it on an idle machine.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks.acting import adaptive, allocation, experiments, programme, redemption, uplift, year
from benchmarks.bars import Bars

PARTS: dict[str, Callable[..., None]] = {
    "adaptive": adaptive.run,
    "allocation": allocation.run,
    "experiments": experiments.run,
    "programme": programme.run,
    "redeem": redemption.run,
    "uplift": uplift.run,
    "year": year.run,
}
"""Each is called with the bars, the folder of the data and `quick`."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Whom to send what, and whether it paid.")
    parser.add_argument("--quick", action="store_true", help="Within a minute.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    bars = Bars()
    for name in arguments.only:
        PARTS[name](bars, arguments.data, quick=arguments.quick)
    bars.close()


if __name__ == "__main__":
    main()
