"""Facts in: `python -m benchmarks.ingest [--quick]`.

On SQLite and on a real PostgreSQL: importing events against Django's `bulk_create`, interleaved in
the same run; and events over HTTP, through gunicorn on loopback, sent by another process.
"""

import argparse
import json
import statistics
from collections.abc import Mapping

from benchmarks.bars import Bars
from benchmarks.installation import database, python, server

IMPORT_TARGET = {"SQLite": 5.0, "PostgreSQL": 4.0}
API_TARGET = {"SQLite": 8_000.0, "PostgreSQL": 14_000.0}
PEER, BARE, OURS = "bulk_create, the same job", "bulk_create alone", "ours"


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast facts come in.")
    parser.add_argument("--quick", action="store_true", help="Within two minutes.")
    quick = parser.parse_args().quick
    bars = Bars()
    for name in ("SQLite", "PostgreSQL"):
        with database(name) as environment:
            measure_import(bars, name, environment, quick=quick)
        with database(name) as environment:
            measure_api(bars, name, environment, quick=quick)
    bars.close()


def measure_import(bars: Bars, name: str, environment: Mapping[str, str], *, quick: bool) -> None:
    count, rounds = (30_000, 3) if quick else (100_000, 7)
    said = python(environment, "-m", "benchmarks.facts.importing", str(count), str(rounds))
    seconds: dict[str, list[float]] = json.loads(said)
    bars.say(f"\nImport on {name}, {count:,} events, {rounds} rounds of each in turn: medians")
    for way, took in seconds.items():
        rate = count / statistics.median(took)
        bars.say(f"  {way:28} {rate:>9,.0f} events/s  {times(seconds, way, PEER):5.2f} x {PEER}")
    bars.say(f"  ours is {times(seconds, OURS, BARE):.2f} x {BARE}, which has its rows made ready")
    bars.at_least(
        f"import-{name}-over-bulk_create", times(seconds, OURS, PEER), IMPORT_TARGET[name]
    )


def times(seconds: Mapping[str, list[float]], way: str, peer: str) -> float:
    """How many times as fast as the peer, in the median round: both met the same weather."""
    rounds = zip(seconds[peer], seconds[way], strict=True)
    return statistics.median(theirs / mine for theirs, mine in rounds)


def measure_api(bars: Bars, name: str, environment: Mapping[str, str], *, quick: bool) -> None:
    count = 30_000 if quick else 200_000
    key = python(environment, "-m", "benchmarks.facts.key").strip()
    with server(environment, workers=2) as port:
        client = {**environment, "API_KEY": key}
        seconds = float(python(client, "-m", "benchmarks.facts.client", str(port), str(count)))
    bars.say(f"\nAPI on {name}: {count:,} events in batches of 1,000, two connections")
    bars.say(f"  {count / seconds:,.0f} events/s")
    bars.at_least(f"api-{name}-events-per-second", count / seconds, API_TARGET[name])


if __name__ == "__main__":
    main()
