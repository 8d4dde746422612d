"""Telling the workers that something is due, where a broker is configured.

A hint may come late, twice or never: workers look into the database by themselves every few
seconds. So nobody waits for it. A thread sends them one by one, and where the broker is slow or
frozen the hints that do not fit into a short line are dropped.
"""

import logging
import os
import queue
import threading

from django.conf import settings

LONGEST_LINE = 1000
"""Hints kept while the broker does not answer."""

log = logging.getLogger(__name__)

Hint = tuple[int, str]

_waiting: queue.Queue[Hint] = queue.Queue(LONGEST_LINE)
_sender: tuple[int, threading.Thread] | None = None
_starting = threading.Lock()


def send(run_id: int, *, queue: str) -> None:
    """Returns at once, whatever the broker does."""
    if not settings.REDIS_URL:
        return
    _start_sender()
    _put((run_id, queue))


def _put(hint: Hint) -> None:
    try:
        _waiting.put_nowait(hint)
    except queue.Full:
        log.info("The broker is slow; run %s waits for the next sweep.", hint[0])


def _start_sender() -> None:
    global _sender  # noqa: PLW0603 - one thread a process
    with _starting:
        # A forked child has its parent's variables and none of its threads.
        if _sender is None or _sender[0] != os.getpid() or not _sender[1].is_alive():
            thread = threading.Thread(target=_send_all, name="hints", daemon=True)
            _sender = (os.getpid(), thread)
            thread.start()


def _send_all() -> None:
    from .broker import publish

    while True:
        run_id, name = _waiting.get()
        try:
            publish(run_id, queue=name)
        except Exception as error:  # Whatever a broker can raise, the sweep repairs.
            log.warning("No hint for run %s: %s. The next sweep takes it.", run_id, error)
