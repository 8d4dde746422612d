"""One child, kept alive."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .guard import Guard

LONGEST_PAUSE = 30.0
SOON = 10.0
"""A child that lived for fewer seconds died soon."""
STANDS = 2.0
"""Seconds after which a child that cannot be asked counts as ready."""
TOO_OFTEN = 5
"""Deaths in a row, each soon, before we say that something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to keep alive. `ready` says whether it does its work yet.

    hush : beginnings of lines that are not passed on.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    hush: tuple[str, ...] = ()


class Keeper:
    """Starts its child, and again when it dies, later each time it dies soon."""

    def __init__(self, child: Child, colour: int, guard: Guard) -> None:
        self.child = child
        self.colour = colour
        self.guard = guard
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self.again_at = 0.0
        self.soon_dead = 0
        self.partial = b""

    def look_after(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            self._bury(self.process)
        if self.process is None and time.monotonic() >= self.again_at:
            self._start()

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        if not self.lives():
            return False
        if self.child.ready is None:
            return time.monotonic() - self.began > STANDS
        return self.child.ready()

    def ask_to_end(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """The child and whatever it started: they share a process group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.guard.forget(self.process.pid)
        self.pass_on()
        if self.partial:
            self.say(self.partial.decode(errors="replace"))
        self.partial = b""
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def pipe(self) -> int | None:
        """Where the child speaks, while it can."""
        if self.process is None or self.process.stdout is None or self.process.stdout.closed:
            return None
        return self.process.stdout.fileno()

    def pass_on(self) -> None:
        """What the child said since, each line under its name."""
        if (pipe := self.pipe()) is None:
            return
        said = b""
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(pipe, 65536):
                said += piece
            self._close_pipe()
        *lines, self.partial = (self.partial + said).split(b"\n")
        for line in (each.decode(errors="replace") for each in lines):
            if line.strip() and not line.startswith(self.child.hush):
                self.say(line)

    def say(self, line: str) -> None:
        name = f"{self.child.name:<9}"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            name = f"\033[{self.colour}m{name}\033[0m"
        sys.stdout.write(f"{name}│ {line}\n")
        sys.stdout.flush()

    def _close_pipe(self) -> None:
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    def _start(self) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.child.argv,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches us, and we tell it.
            start_new_session=True,
        )
        self.guard.watch(self.process.pid)
        if (pipe := self.pipe()) is not None:
            os.set_blocking(pipe, False)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        lived = time.monotonic() - self.began
        # With what it left behind, which would hold its port and its jobs.
        self.kill()
        self.soon_dead = self.soon_dead + 1 if lived < SOON else 0
        pause = min(LONGEST_PAUSE, 0.5 * 2**self.soon_dead)
        self.again_at = time.monotonic() + pause
        code = process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.say(f"ended ({how}) after {lived:.0f} s; starting it again in {pause:.0f} s.")
        if self.soon_dead >= TOO_OFTEN:
            self.say(f"has ended soon {self.soon_dead} times in a row. Its words are above.")
