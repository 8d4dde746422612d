"""Facts in: `python -m benchmarks.ingest [--quick]`.

On SQLite and on a real PostgreSQL: importing events against Django's `bulk_create`, interleaved in
the same run; and events over HTTP, through gunicorn on loopback, sent by another process.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping

from benchmarks.bars import Bars
from tests.servers import free_port, postgres

IMPORT_TARGET = {"SQLite": 5.0, "PostgreSQL": 4.0}
API_TARGET = {"SQLite": 8_000.0, "PostgreSQL": 14_000.0}
PEER, BARE, OURS = "bulk_create, the same job", "bulk_create alone", "ours"
GUNICORN = ["-m", "gunicorn", "retention.wsgi:application", "--no-control-socket"]
GUNICORN += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
GUNICORN += ["--log-level", "warning", "--bind"]
"""As the Procfile and the demo start it."""


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


@contextlib.contextmanager
def database(name: str) -> Iterator[dict[str, str]]:
    """The environment of an empty installation on this database."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench"))
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "retention.settings",
            "RETENTION_DATA_DIR": folder,
            "PYTHONWARNINGS": "ignore",
        }
        environment.pop("DATABASE_URL", None)
        if name == "PostgreSQL":
            environment["DATABASE_URL"] = stack.enter_context(postgres())
        yield environment


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
    port = free_port()
    server = subprocess.Popen([sys.executable, *GUNICORN, f"127.0.0.1:{port}"], env=environment)
    try:
        wait_for(port)
        client = {**environment, "API_KEY": key}
        seconds = float(python(client, "-m", "benchmarks.facts.client", str(port), str(count)))
    finally:
        server.terminate()
        server.wait()
    bars.say(f"\nAPI on {name}: {count:,} events in batches of 1,000, two connections")
    bars.say(f"  {count / seconds:,.0f} events/s")
    bars.at_least(f"api-{name}-events-per-second", count / seconds, API_TARGET[name])


def wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing answers on port {port} after 30 seconds.")


def python(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    main()
