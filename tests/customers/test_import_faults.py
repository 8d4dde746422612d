"""An import killed at any moment and started again ends with the same rows, on both databases."""

import contextlib
import gzip
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retention.env import PROJECT_DIR
from tests.faults.processes import WHOLE, Product, product

pytestmark = pytest.mark.faults

ROWS, KILLS = (600_000, 40) if WHOLE else (60_000, 4)
BATCH = (
    "SELECT rows_read, rows_stored, rows_duplicate, rows_refused, state FROM customers_ingestbatch"
)

UNCOUNTED = """
SELECT (SELECT count(*) FROM customers_event)
    - coalesce((SELECT sum(rows_stored) FROM customers_ingestbatch), 0)
"""


@pytest.fixture
def shop() -> Iterator[Product]:
    with product() as made:
        yield made


def test_an_import_killed_at_random_ends_with_the_same_rows(shop: Product, tmp_path: Path) -> None:
    export = tmp_path / "orders.csv.gz"
    bad = write_orders(export)

    kill_while_it_imports(shop, export)

    # One batch, gone through from end to end: no chunk was lost, and none was stored twice.
    assert shop.rows(BATCH) == [(ROWS, ROWS - bad, 0, bad, "DONE")]
    stored = "SELECT count(*), count(DISTINCT message_id), sum(amount) FROM customers_event"
    assert shop.rows(stored) == [(ROWS - bad, ROWS - bad, 250 * (ROWS - bad))]
    assert shop.rows("SELECT count(*) FROM customers_refusedrow") == [(min(bad, 100),)]
    assert shop.rows("SELECT count(*) FROM customers_customer") == [(ROWS // 20,)]


def write_orders(path: Path) -> int:
    """Orders of ten lines, two of them equal; a line in a thousand is broken; returns how many."""
    with gzip.open(path, "wt") as file:
        file.write("customer,product,title,order,date,price\n")
        for n in range(ROWS):
            price = "much" if n % 1_000 == 0 else "2.50"
            day = f"2026-{n * 5 // ROWS + 1:02}-01"
            file.write(f"c{n // 20},p{n % 10 % 9},Mug {n % 9},o{n // 10},{day},{price}\n")
    return ROWS // 1_000


def kill_while_it_imports(shop: Product, export: Path) -> None:
    dice = random.Random(11)
    kills = 0
    while kills < KILLS and not is_done(shop):
        with started(shop, export) as running:
            # It gets on between two kills, so that each strikes a different part.
            wait_until_it_moved(shop, running, delay=dice.uniform(0.0, 0.5))
            running.send_signal(signal.SIGKILL)
            kills += running.wait() == -signal.SIGKILL
            assert running.returncode in {0, -signal.SIGKILL}
    assert kills >= KILLS // 2
    if not is_done(shop):
        with started(shop, export) as running:
            assert running.wait(timeout=200) == 0


def is_done(shop: Product) -> bool:
    """Asked for once more, the file would be gone through as a second batch of duplicates."""
    return any(state == "DONE" for *_, state in shop.rows(BATCH))


def wait_until_it_moved(shop: Product, running: subprocess.Popen[bytes], *, delay: float) -> None:
    before = position(shop)
    watch(shop, until=lambda: position(shop) > before or running.poll() is not None)
    strike = time.monotonic() + delay
    watch(shop, until=lambda: time.monotonic() > strike)


def watch(shop: Product, *, until: Callable[[], bool]) -> None:
    """Rows and position are there together, or neither is, whenever anyone looks."""
    while not until():
        assert shop.rows(UNCOUNTED)[0][0] == 0
        time.sleep(0.02)  # Counting without a pause would take a core from the import.


def position(shop: Product) -> int:
    with contextlib.suppress(IndexError):
        return int(shop.rows(BATCH)[0][0])
    return 0


def started(shop: Product, export: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "import_shop", str(export)]
    return subprocess.Popen(
        command, cwd=PROJECT_DIR, env=shop.environment, stdout=subprocess.DEVNULL
    )
