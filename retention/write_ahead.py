"""SQLite's write-ahead log, by which pages are read while events are written.

A file keeps this mode, so it is set once. To ask for it at every opening would end many of those
that open a new file at once with "database is locked": this one lock SQLite does not wait for.
"""

import time
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver  # noqa: TID251 - of connections, which no service opens

PATIENCE_S = 30.0


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


def _mode(connection: BaseDatabaseWrapper, change: str = "") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode{change}")
        return str(cursor.fetchone()[0])
