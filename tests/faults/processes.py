"""A product of its own for tests that kill: its database, its broker, its worker processes."""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client

from retention.env import PROJECT_DIR
from tests import servers

WHOLE = os.environ.get("FAULTS") == "whole"
"""`make faults` runs everything at its whole size; each commit runs it small."""

LEASE_SECONDS = 2
CELERY = [sys.executable, "-m", "celery", "-q", "-A", "retention.celery"]
ALONE = ["--without-gossip", "--without-mingle"]
TRAINING = ["-Q", "training", "--pool=threads"]
SHORT = ["-Q", "default,ingest,campaigns"]
PROCESSES = {
    "beat": ["beat"],
    "main": ["worker", *ALONE, *SHORT, "-c", "3", "-n", "main@%h"],
    "second": ["worker", *ALONE, *SHORT, "-c", "1", "-n", "second@%h"],
    "training": ["worker", *ALONE, *TRAINING, "-c", "1", "-n", "training@%h"],
}


@dataclass
class Product:
    """Everything runs with one environment and dies with the test."""

    folder: Path
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """A worker with its children, or beat, in a process group of its own."""
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [*CELERY, *PROCESSES[name]],
            cwd=PROJECT_DIR,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        return self.running[name]

    def kill(self, name: str) -> None:
        """kill -9 of the worker and all its children at once."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def freeze(self, name: str) -> None:
        """A worker that neither works nor dies, as on a machine that swaps.

        Not in the middle of a write: on SQLite it would hold the only lock for ever.
        """
        os.killpg(self.running[name].pid, signal.SIGSTOP)
        while not self._may_write():
            self.thaw(name)
            time.sleep(0.05)
            os.killpg(self.running[name].pid, signal.SIGSTOP)

    def _may_write(self) -> bool:
        if self.environment.get("DATABASE_URL"):
            return True
        path = self.folder / "shop.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=1)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True

    def thaw(self, name: str) -> None:
        os.killpg(self.running[name].pid, signal.SIGCONT)

    def python(self, code: str, **environment: str) -> str:
        """Run a few lines inside the product; returns what they print."""
        script = f"import django\ndjango.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT_DIR,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, job: str, *, times: int = 1, **arguments: Any) -> None:
        self.python(
            "from django.utils import timezone\n"
            "from retention.jobs.services.ask import ask\n"
            f"for _ in range({times}): ask({job!r}, arguments={arguments!r}, at=timezone.now())"
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Straight from the database, outside the product."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                return connection.execute(query.encode()).fetchall()
        path = self.folder / "shop.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def wait_for(self, query: str, wanted: object, *, seconds: float) -> None:
        """Until the query's first value is the wanted one."""
        last = wait(lambda: self.rows(query)[0][0], wanted, seconds=seconds)
        assert last == wanted, f"{query} is {last} after {seconds} s.\n{self.logs()}"

    def logs(self) -> str:
        texts = [path.read_text()[-3000:] for path in sorted(self.folder.glob("*.log"))]
        return "\n".join(texts)


def wait(ask: Callable[[], object], wanted: object, *, seconds: float) -> object:
    until = time.monotonic() + seconds
    while (answer := ask()) != wanted and time.monotonic() < until:
        time.sleep(0.03)
    return answer


@contextlib.contextmanager
def product(*, redis_url: str = "", lease_seconds: int = LEASE_SECONDS) -> Iterator[Product]:
    """On the database this test session uses: SQLite, or a fresh database on its PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="faults") as folder, database(Path(folder)) as url:
        timing = {"JOB_LEASE_SECONDS": str(lease_seconds), "JOB_SWEEP_SECONDS": "0.3"}
        around = environment(Path(folder), url) | timing | {"REDIS_URL": redis_url}
        made = Product(folder=Path(folder), environment=around)
        try:
            yield made
        finally:
            for name in list(made.running):
                made.kill(name)


def environment(folder: Path, url: str) -> dict[str, str]:
    """Of a product that keeps its files there; without an address its database too."""
    made = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "RETENTION_DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "REMAP_SIGTERM": "SIGQUIT",
        "OMP_NUM_THREADS": "1",
    }
    if not url:
        del made["DATABASE_URL"]
    return made


@contextlib.contextmanager
def database(folder: Path) -> Iterator[str]:
    """A copy of the migrated one: an address on the server, or a file in the folder."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        shutil.copy(migrated(server), folder)
        yield ""
        return
    name = f"faults_{uuid.uuid4().hex[:8]}"
    template = migrated(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield with_database(server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@functools.cache
def migrated(server: str) -> str:
    """A database that every test begins with a copy of: migrating takes seconds, a copy none.

    Its name on the server, or its file.
    """
    folder = Path(tempfile.mkdtemp(prefix="migrated"))
    atexit.register(shutil.rmtree, folder)
    name, url = f"migrated_{uuid.uuid4().hex[:8]}", ""
    if server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = with_database(server, name)
    Product(folder=folder, environment=environment(folder, url)).python(
        "from django.core.management import call_command\n"
        "call_command('migrate', run_syncdb=True, verbosity=0)"
    )
    return name if server else str(folder / "shop.sqlite3")


def with_database(url: str, name: str) -> str:
    """The same server's other database: postgres://user@/name?host=..."""
    before, mark, options = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{options}"


class Redis:
    """A broker that can be killed, wiped and frozen. Nothing of it is on a disk."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = servers.start_redis(self.port)

    def wipe(self, *, down_seconds: float) -> None:
        """kill -9, and after a while a new one on the same port that knows nothing."""
        self.process.kill()
        self.process.wait()
        time.sleep(down_seconds)
        self.process = servers.start_redis(self.port)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def listeners(self) -> int:
        """Workers that wait for a message."""
        with contextlib.closing(redis_client.from_url(self.url)) as client:
            return sum(each["cmd"] == "brpop" for each in client.client_list())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    made = Redis()
    try:
        yield made
    finally:
        made.end()
