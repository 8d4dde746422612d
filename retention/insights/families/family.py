"""What every family of models can do, so that training, promoting and scoring are written once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from retention.insights.artifacts import Arrays
from retention.insights.datasets import Facts

Progress = Callable[[int, int, str], None]
"""Called with (done, total, message)."""


def silent(done: int, total: int, message: str) -> None:
    """For callers who do not watch."""


@dataclass(frozen=True)
class TooLittle:
    """Why nothing could be learned yet, in words an operator can act on."""

    message: str


@dataclass(frozen=True)
class Learned:
    """What came out of a training, ready to be stored.

    parameters : JSON; metrics : JSON, each a number or {"value", "low", "high"};
    arrays : no object arrays; window : the first and last moment that was learned from.
    """

    parameters: Mapping[str, Any]
    arrays: Arrays
    metrics: Mapping[str, Any]
    row_counts: Mapping[str, int]
    window: tuple[datetime, datetime]
    message: str = ""


@dataclass(frozen=True)
class Champion:
    """The serving version as a rival: what it is and what it holds."""

    number: int
    parameters: Mapping[str, Any]
    arrays: Arrays
    metrics: Mapping[str, Any]
    row_counts: Mapping[str, int]


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate should serve, and the sentence that says why.

    evidence : JSON that came out of the judging, kept with the metrics.
    """

    promote: bool
    words: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Family(Protocol):
    """One kind of model."""

    purpose: str
    """The consent its customers must have given, or not refused."""

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Train on what was known at a moment, and measure on later data than was learned from."""

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Candidate against champion and against the floor, on the same later data."""
