"""An empty installation for a benchmark: its environment, its server, its programs."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping

from tests.servers import free_port, postgres

GUNICORN = ["-m", "gunicorn", "retention.wsgi:application", "--no-control-socket"]
GUNICORN += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
"""As the Procfile and the demo start it, but for the number of workers."""


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


@contextlib.contextmanager
def server(environment: Mapping[str, str], *, workers: int) -> Iterator[int]:
    """The port on loopback that the product's own server listens on until the block ends."""
    port = free_port()
    run = [sys.executable, *GUNICORN, "--workers", str(workers), "--bind", f"127.0.0.1:{port}"]
    started = subprocess.Popen(run, env=environment)
    try:
        wait_for(port)
        yield port
    finally:
        started.terminate()
        started.wait()


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
