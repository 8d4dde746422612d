"""Web and workers under one small parent, for an installation with nothing configured.

A child that dies is started again, later each time it dies soon. Ctrl-C and SIGTERM stop all of
them, first kindly. Should this process itself be killed, a guard of a few lines kills the children.
"""

import contextlib
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from .guard import Guard
from .keeper import TOO_OFTEN, Child, Keeper

__all__ = ["Child", "answers", "supervise"]

COLOURS = (36, 32, 33, 35, 34)


def supervise(
    children: Sequence[Child],
    *,
    on_ready: Callable[[], None] = lambda: None,
    grace_seconds: float = 12.0,
) -> int:
    """Run them until Ctrl-C or SIGTERM; returns 0, or 1 where a child never got to its feet.

    on_ready : called once, when every child has been ready.
    grace_seconds : from the kind word to kill -9.
    """
    with Guard() as guard, told_to_stop() as stop:
        keepers = [
            Keeper(child, COLOURS[n % len(COLOURS)], guard) for n, child in enumerate(children)
        ]
        try:
            return _keep(keepers, stop, on_ready)
        finally:
            _end(keepers, stop, grace_seconds)


def answers(url: str) -> Callable[[], bool]:
    """Whether something at the address says 200."""

    def ready() -> bool:
        try:
            with urlopen(url, timeout=0.5) as response:  # noqa: S310 - our own loopback address
                return bool(response.status == 200)
        except (URLError, OSError):
            return False

    return ready


class Stop:
    """How often we were told to stop."""

    times = 0


@contextlib.contextmanager
def told_to_stop() -> Iterator[Stop]:
    stop = Stop()

    def note(_signal: int, _frame: FrameType | None) -> None:
        stop.times += 1

    before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _keep(keepers: list[Keeper], stop: Stop, on_ready: Callable[[], None]) -> int:
    waiting = list(keepers)
    while not stop.times:
        for keeper in keepers:
            keeper.look_after()
            if waiting and keeper.soon_dead >= TOO_OFTEN:
                return 1
        if waiting:
            waiting = [keeper for keeper in waiting if not keeper.is_ready()]
            if not waiting:
                on_ready()
        _listen(keepers, seconds=0.2)
    return 0


def _end(keepers: list[Keeper], stop: Stop, grace_seconds: float) -> None:
    """Kindly, then, after the grace or a second Ctrl-C, by force; nobody is left behind."""
    if stop.times:
        sys.stdout.write("\nStopping. Ctrl-C again does not wait for what runs.\n")
        sys.stdout.flush()
    until = time.monotonic() + grace_seconds
    for keeper in keepers:
        keeper.ask_to_end()
    while any(keeper.lives() for keeper in keepers):
        if time.monotonic() > until or stop.times > 1:
            break
        _listen(keepers, seconds=0.1)
    for keeper in keepers:
        keeper.kill()


def _listen(keepers: Sequence[Keeper], *, seconds: float) -> None:
    """Pass on what the children say; waits so long for something."""
    with selectors.DefaultSelector() as ears:
        for keeper in keepers:
            if (pipe := keeper.pipe()) is not None:
                ears.register(pipe, selectors.EVENT_READ, keeper)
        if not ears.get_map():
            time.sleep(seconds)
        for key, _ in ears.select(seconds) if ears.get_map() else ():
            key.data.pass_on()
