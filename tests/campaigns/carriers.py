"""Carriers for tests: what they were given, and what they do about it."""

from collections.abc import Callable

from campaigns.carrying import NotCarried
from campaigns.letters import Letter


class Bag:
    """Keeps every letter; `before` is called with each, and may refuse it."""

    def __init__(self, before: Callable[[Letter], None] = lambda letter: None) -> None:
        self.letters: list[Letter] = []
        self.before = before

    def carry(self, letter: Letter) -> None:
        self.before(letter)
        self.letters.append(letter)

    def close(self) -> None:
        pass


def refuse(letter: Letter) -> None:
    raise NotCarried("It rains.")
