"""What a kind of file is: which columns hold which facts, and what its rows mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Cells = dict[str, str]
"""One row: our field -> the text of its cell, stripped; only mapped columns are there."""
Extra = dict[str, Any]
"""What is kept beside the fields: in an event's `extra`, in a product's attributes."""
Understand = Callable[[Cells, Extra], None]


def words(text: str) -> tuple[str, ...]:
    """A list of names, written as people write them: with spaces between."""
    return tuple(text.split())


class Facts(StrEnum):
    EVENTS = "events"
    PRODUCTS = "products"
    CUSTOMERS = "customers"
    NONE = "nothing"


class RowRefused(Exception):
    """This row is no fact. `reason` is a word to count by, `detail` is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


def _as_it_is(cells: Cells, extra: Extra) -> None:
    """Most rows say what they mean."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A kind of file. `understand` settles what only this kind knows; it may raise RowRefused."""

    name: str
    title: str
    facts: Facts
    headers: frozenset[str] = frozenset()
    """It is this layout if the file has all of these columns, and no other if `exact`."""
    exact: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field -> the file's column. Empty: told from the words in the header."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Name in the extra -> the file's column."""
    kind: str = ""
    currency: str = ""
    undated: str = ""
    """For rows without a moment: `ask` for a day, or take the moment of `import`."""
    understand: Understand = _as_it_is
    understanding: Callable[[], Understand] | None = None
    """Makes `understand` anew for each file, where a row leans on the rows before it."""
    why_not: str = ""
    """Of a file without facts: the reason, for the operator."""

    def fits(self, header: tuple[str, ...]) -> bool:
        names = frozenset(name for name in header if name)
        return bool(self.headers) and (
            names == self.headers if self.exact else names >= self.headers
        )
