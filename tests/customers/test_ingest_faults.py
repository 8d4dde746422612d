"""202 means stored: the web server is killed again and again while a shop sends its events."""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from retention.env import PROJECT_DIR
from tests.customers.sending import event_body
from tests.faults.processes import WHOLE, Product, product
from tests.servers import free_port

pytestmark = pytest.mark.faults

EVENTS, KILLS, BATCH, SENDERS = (50_000, 20, 100, 4) if WHOLE else (4_000, 3, 50, 3)
WEB = ["-m", "gunicorn", "retention.wsgi:application", "--no-control-socket"]
WEB += ["--worker-class", "gthread", "--workers", "2", "--threads", "2", "--log-level", "error"]
NEW_KEY = """
from django.utils import timezone
from retention.access.services.keys import make_key
print(make_key("Shop", scopes=["events:write"], at=timezone.now())[1])
"""


@dataclass
class Shop:
    """Sends each batch until it is answered, as a client should; keeps what was promised."""

    port: int
    key: str
    promised: set[str] = field(default_factory=set)
    broken: int = 0

    def send(self, numbers: range) -> None:
        body = json.dumps([event_body(message_id=f"m{n}", customer=str(n % 97)) for n in numbers])
        while not self._taken(body):
            self.broken += 1
            time.sleep(0.05)
        self.promised.update(f"m{n}" for n in numbers)

    def _taken(self, body: str) -> bool:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/api/v1/events/", body, headers)
            return connection.getresponse().status == 202
        return False


@pytest.fixture
def installed() -> Iterator[Product]:
    with product() as made:
        yield made


def test_every_event_that_was_answered_202_is_there_once(installed: Product) -> None:
    shop = Shop(free_port(), installed.python(NEW_KEY).strip())
    batches = [range(at, at + BATCH) for at in range(0, EVENTS, BATCH)]

    with web_that_is_killed(installed, shop), ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(shop.send, batches))

    stored = [name for (name,) in installed.rows("SELECT message_id FROM customers_event")]
    assert shop.promised <= set(stored)
    assert len(stored) == len(set(stored)) == EVENTS
    # It was no walk: requests were cut off and sent again.
    assert shop.broken >= KILLS


@contextlib.contextmanager
def web_that_is_killed(installed: Product, shop: Shop) -> Iterator[None]:
    """A web server that dies whole every so many promises, and is started again."""
    over = threading.Event()
    killer = threading.Thread(target=_kill, args=(installed, shop, over))
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


def _kill(installed: Product, shop: Shop, over: threading.Event) -> None:
    web, dice = _start(installed, shop.port), random.Random(3)
    for number in range(1, KILLS + 1):
        due = EVENTS * number // (KILLS + 1)
        while len(shop.promised) < due and not over.is_set():
            time.sleep(0.005)
        time.sleep(dice.random() * 0.05)
        _end(web)
        web = _start(installed, shop.port)
    over.wait()
    _end(web)


def _start(installed: Product, port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, *WEB, "--bind", f"127.0.0.1:{port}"],
        cwd=PROJECT_DIR,
        env=installed.environment,
        start_new_session=True,
    )


def _end(web: "subprocess.Popen[bytes]") -> None:
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()
