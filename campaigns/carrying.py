"""What a carrier is: it takes one letter out, or says why not."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from campaigns.letters import Letter

Clock = Callable[[], datetime]


class NotCarried(Exception):
    """The letter did not go out; for_ever : another try would meet with the same."""

    def __init__(self, why: str, *, for_ever: bool = False) -> None:
        super().__init__(why)
        self.for_ever = for_ever


class Carrier(Protocol):
    def carry(self, letter: Letter) -> None:
        """Returns once the other side has it. A repeat has the same key. Raises NotCarried."""

    def close(self) -> None:
        """Let go of connections."""
