"""SQLite's write-ahead log, by which pages are read while events are written; and its one writer.

A file keeps this mode, so it is set once. To ask for it at every opening would end many of those
that open a new file at once with "database is locked": this one lock SQLite does not wait for.

For the lock of whoever writes it does wait, but looks ten times a second: among many that write
without a pause one may find it taken for half a minute. So we look more often ourselves.
"""

import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver  # noqa: TID251 - of connections, which no service opens

PATIENCE_S = 30.0
BETWEEN_LOOKS_S = 0.005
BEGIN = "BEGIN IMMEDIATE"


@receiver(connection_created)
def keep_a_write_ahead_log(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Called for each new connection, before it begins anything."""
    if connection.vendor != "sqlite":
        return
    give_up_at = time.monotonic() + PATIENCE_S
    while _mode(connection) == "delete":  # Not "wal" yet; in memory there is nothing to log.
        try:
            _mode(connection, "=WAL")
        except OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)


@receiver(connection_created)
def wait_for_the_writer(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Called for each new connection; a Django connection may have several, one after the other."""
    waiting = connection.execute_wrappers
    if connection.vendor == "sqlite" and _begin not in waiting:
        waiting.insert(0, _begin)


def _begin(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Begins a transaction once nobody else writes; everything else as it is."""
    if sql != BEGIN:
        return execute(sql, params, many, context)
    raw = context["connection"].connection
    [(before,)] = raw.execute("PRAGMA busy_timeout")
    give_up_at = time.monotonic() + before / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                return execute(sql, params, many, context)
            except OperationalError:
                if time.monotonic() > give_up_at:
                    raise
            time.sleep(BETWEEN_LOOKS_S)
    finally:
        raw.execute(f"PRAGMA busy_timeout={before}")


def _mode(connection: BaseDatabaseWrapper, change: str = "") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode{change}")
        return str(cursor.fetchone()[0])
