import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from retention.settings import SQLITE_OPTIONS

pytestmark = pytest.mark.django_db
CROWD = 24


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A file as a backup leaves it: it has a table, and no log yet."""
    path = tmp_path / "shop.sqlite3"
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE visit (n int)")
    file.close()
    return path


def opened(shop: Path) -> DatabaseWrapper:
    """A connection of its own to this file, with the settings of the product."""
    settings: dict[str, Any] = {**connection.settings_dict, "OPTIONS": dict(SQLITE_OPTIONS)}
    return DatabaseWrapper(settings | {"NAME": str(shop)}, "shop")


def answer(at: DatabaseWrapper, question: str) -> Any:
    with at.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_whoever_opens_a_file_first_waits_for_one_who_writes(shop: Path) -> None:
    writer = sqlite3.connect(shop, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, writer.execute, ["COMMIT"]).start()

    second = opened(shop)

    assert answer(second, "PRAGMA journal_mode") == "wal"
    second.connection.close()
    writer.close()


def test_a_crowd_opens_a_file_for_the_first_time_and_writes(shop: Path) -> None:
    door = threading.Barrier(CROWD)

    def visit(n: int) -> None:
        door.wait()
        mine = opened(shop)
        with mine.cursor() as cursor:
            cursor.execute("INSERT INTO visit VALUES (%s)", [n])
        mine.connection.close()

    with ThreadPoolExecutor(CROWD) as crowd:
        list(crowd.map(visit, range(CROWD)))

    mine = opened(shop)
    assert answer(mine, "SELECT count(*) FROM visit") == CROWD
    mine.connection.close()


def test_each_connection_waits_for_others_and_writes_to_the_disk(shop: Path) -> None:
    mine = opened(shop)

    kept = {name: answer(mine, f"PRAGMA {name}") for name in ("synchronous", "foreign_keys")}

    assert kept == {"synchronous": 2, "foreign_keys": 1}
    assert answer(mine, "PRAGMA busy_timeout") == 30_000
    mine.connection.close()


def test_who_waits_to_write_looks_so_often_that_a_short_gap_is_seen(shop: Path) -> None:
    """SQLite by itself would look 428 and 528 ms after the beginning, and not in between."""
    writer = sqlite3.connect(shop, isolation_level=None, check_same_thread=False)
    mine = opened(shop)
    mine.ensure_connection()
    waited = []

    for _ in range(3):
        writer.execute("BEGIN IMMEDIATE")
        threading.Timer(0.44, writer.execute, ["COMMIT"]).start()
        began = time.monotonic()
        with mine.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            waited.append(time.monotonic() - began)
            cursor.execute("COMMIT")

    assert 0.4 < sorted(waited)[1] < 0.49
    assert answer(mine, "PRAGMA busy_timeout") == 30_000
    mine.connection.close()
    writer.close()


def test_who_waits_to_write_gives_up_when_the_time_is_over(shop: Path) -> None:
    writer, mine = sqlite3.connect(shop, isolation_level=None), opened(shop)
    with mine.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=100")
        writer.execute("BEGIN IMMEDIATE")

        with pytest.raises(OperationalError, match="locked"):
            cursor.execute("BEGIN IMMEDIATE")

    mine.connection.close()
    writer.close()
