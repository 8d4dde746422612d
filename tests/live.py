"""A database that threads and processes can open together, whatever the tests run against."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

WHOLE = os.environ.get("FAULTS") == "whole"
"""`make faults` runs the promises at their full figure; every commit runs them small."""


@pytest.fixture
def live_database(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The name of a database that other threads and processes see. On SQLite it is a file."""
    if connection.vendor == "postgresql":
        yield str(connection.settings_dict["NAME"])
        return
    name, in_memory = connection.settings_dict["NAME"], connection.connection
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "shop.sqlite3")])
        in_memory = connection.connection
    connection.connection = None
    connection.settings_dict["NAME"] = str(tmp_path / "shop.sqlite3")
    connection.ensure_connection()
    yield str(tmp_path / "shop.sqlite3")
    connection.close()
    connection.settings_dict["NAME"], connection.connection = name, in_memory


class Crowd(ThreadPoolExecutor):
    """Threads that each have a connection of their own, closed when they are done."""

    def __init__(self, size: int) -> None:
        super().__init__(size, initializer=_enter)
        self.size = size

    def __exit__(self, *error: Any) -> bool | None:
        everyone = threading.Barrier(self.size)
        for _ in range(self.size):
            self.submit(_leave, everyone)
        return super().__exit__(*error)


_DOOR = threading.Lock()


def _enter() -> None:
    # One at a time: a file of SQLite that many open for the first time at once may refuse one.
    with _DOOR:
        connection.ensure_connection()


def _leave(everyone: threading.Barrier) -> None:
    # Each thread takes one of these tasks, because none goes on before all have theirs.
    everyone.wait(timeout=60)
    connections.close_all()


def process(module: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process of a module of the tests, with the same settings."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
