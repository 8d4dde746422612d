"""The few statements that must be fast, once for each database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from . import postgres, sqlite
from .rows import Home, SourceId


class Store(Protocol):
    """What each database does its own way. All of it runs inside the caller's transaction."""

    def find_customers(self, ids: Sequence[SourceId]) -> dict[SourceId, int]:
        """The row numbers of the customers who have these ids; the unknown are left out."""

    def find_homes(self, ids: Sequence[SourceId]) -> dict[SourceId, Home]:
        """The same with whose each id was before a merge, None where it is their own."""

    def add_customers(self, names: Sequence[tuple[str, str, str]], *, at: datetime) -> int:
        """New customers from (own name, source, id), in that order, and how many there were.

        One that another writer adds at the same moment is not an error: look again.
        """

    def hold_customers(self, customers: Iterable[int]) -> set[int]:
        """Keep these from being erased or merged until we commit; which of them there are."""

    def lock_customers(self, customers: Iterable[int]) -> set[int]:
        """Keep these for ourselves until we commit; which of them there are, and not merged."""

    def moments(self, times: Sequence[datetime]) -> Sequence[Any]:
        """Times in UTC as insert_events takes them."""

    def insert_events(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Store rows of EVENT_COLUMNS, sorted by source and message id; how many were new.

        First and last seen of their customers follow.
        """


def store() -> Store:
    return postgres if connection.vendor == "postgresql" else sqlite
