"""ACT-1: spending coupons on a real PostgreSQL, against SELECT FOR UPDATE in the same run."""

import json
import statistics
from pathlib import Path

from benchmarks.bars import Bars
from benchmarks.installation import database, python

TIMES, TAIL = 3.0, 0.5


def run(bars: Bars, folder: Path, *, quick: bool) -> None:
    """32 connections: all on one coupon (hot), each on its own (spread)."""
    seconds, rounds = (2, 3) if quick else (5, 7)
    with database("PostgreSQL") as environment:
        said = python(environment, "-m", "benchmarks.acting.tills", str(seconds), str(rounds))
    found: dict[str, list[tuple[float, float]]] = json.loads(said)
    bars.say(f"\nRedemption, 32 connections, {rounds} rounds of {seconds} s in turn: medians")
    for place in ("hot", "spread"):
        ways = {way: found[f"{place} {way}"] for way in ("select_for_update", "one_statement")}
        for way, each in ways.items():
            rate, tail = (statistics.median(column) for column in zip(*each, strict=True))
            bars.say(f"  {place:6} {way:18} {rate:>8,.0f} uses/s  p99 {tail:7.1f} ms")
        pairs = list(zip(ways["select_for_update"], ways["one_statement"], strict=True))
        faster = statistics.median(ours[0] / theirs[0] for theirs, ours in pairs)
        tail = statistics.median(ours[1] / theirs[1] for theirs, ours in pairs)
        bars.at_least(f"ACT-1 {place}, times SELECT FOR UPDATE", faster, TIMES)
        bars.at_most(f"ACT-1 {place}, p99 as a share of theirs", tail, TAIL)
