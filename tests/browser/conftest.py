"""A demonstration of its own, and a real browser; `make browser` installs what both need."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from retention.env import PROJECT_DIR
from tests.servers import free_port

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

if importlib.util.find_spec("playwright") is None:
    # A tool of `make browser` alone: the ordinary test command neither needs nor installs it.
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Shop:
    """A running demonstration: its address, and who may sign in."""

    url: str
    operator: str
    approver: str
    password: str
    api_key: str


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The one that TOUR_URL and TOUR_SECRETS name, or a fresh `manage.py demo`."""
    if url := os.environ.get("TOUR_URL"):
        yield Shop(url, **json.loads(Path(os.environ["TOUR_SECRETS"]).read_text()))
        return
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    log = folder / "log"
    command = [sys.executable, "manage.py", "demo", "--port", str(port), "--customers", "800"]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    with log.open("w") as out:
        demo = subprocess.Popen(
            command,
            cwd=PROJECT_DIR,
            env=environment | {"RETENTION_DATA_DIR": str(folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until(log, "Open http")
            said = json.loads((folder / "secrets" / "demo.json").read_text())
            yield Shop(f"http://127.0.0.1:{port}", **said)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def _wait_until(log: Path, words: str) -> None:
    for _ in range(600):
        if words in log.read_text():
            return
        time.sleep(0.5)
    pytest.fail(f"The demonstration did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
