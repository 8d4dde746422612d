"""PRED-7: a night's scoring of 100,000 customers, from events to stored scores with reasons.

On SQLite and in turns with reading the same events alone. The shop tells its orders only, no
visits: the fewest events to read for each score to explain and store.
"""

import json
import statistics
from pathlib import Path

from benchmarks.bars import Bars
from benchmarks.installation import database, python

CUSTOMERS, DAYS, ROUNDS = 107_000, 270, 3
TARGET = 10.0


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """A simulated shop, trained as any shop is, and its nights."""
    if quick:
        bars.say("\nA night's scoring (PRED-7) takes longer than a minute: run it without --quick.")
        return
    size = map(str, (CUSTOMERS, DAYS, ROUNDS))
    with database("SQLite") as environment:
        told = json.loads(python(environment, "-m", "benchmarks.predicting.scored_shop", *size))
    nights, reads = told["score"], told["read"]
    ratio = statistics.median(n[0] / r[0] for n, r in zip(nights, reads, strict=True))
    bars.say(
        f"\nA night's scoring on SQLite: {told['scored']:,} customers scored with reasons and what"
        f" they are worth, from {told['events']:,} events; the first night writes all rows"
    )
    for words, each in (("reading the events", reads), ("the whole", nights)):
        said = " · ".join(f"{wall:.1f} ({busy:.1f})" for wall, busy in each)
        bars.say(f"  {words:20} {said} s, of processor time in brackets")
    busy = sum(night[1] for night in nights) / sum(read[1] for read in reads)
    bars.say(f"  {busy:.1f} x the processor time of reading")
    bars.at_least("PRED-7-customers-scored", told["scored"], 100_000)
    bars.at_most("PRED-7-night-over-reading", ratio, TARGET)
