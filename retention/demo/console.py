"""Progress on a terminal: one line that fills, or plain lines where nobody watches it live."""

import sys
import time
from typing import TextIO

WIDTH = 24


class Steps:
    """Named steps with a bar each and how long they took."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.out, self.live = out, out.isatty()
        self.name, self.began = "", 0.0

    def __call__(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say how far a step is; naming another one ends the one before."""
        if name != self.name:
            self.end()
            self.name, self.began = name, time.monotonic()
            if not self.live:
                self.out.write(f"  {name} ...\n")
        if self.live:
            filled = round(WIDTH * done / total) if total else 0
            bar = "█" * filled + "·" * (WIDTH - filled)
            self.out.write(f"\r  {bar}  {name}\x1b[K")
        self.out.flush()

    def end(self) -> None:
        """Close the running step."""
        if self.name and self.live:
            took = time.monotonic() - self.began
            self.out.write(f"\r  {'█' * WIDTH}  {self.name}  {took:.1f} s\x1b[K\n")
        self.name = ""
