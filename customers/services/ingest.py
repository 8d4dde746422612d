"""Events in, whichever way they came: every one is stored, counted as a duplicate, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from customers.messages import EventMessage
from customers.models import IngestBatch


@dataclass(frozen=True)
class Refused:
    """One message that was not taken. `reason` is a word to count by, `detail` is for people."""

    index: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Ingested:
    """What became of a batch: stored + duplicates + refused is what was sent.

    notes counts what else happened, by name: anonymous, clocks_corrected, customers_first_seen,
    products_first_seen.
    """

    stored: int
    duplicates: int
    refused: list[Refused]
    notes: Mapping[str, int] = field(default_factory=dict)


class KnownIds:
    """Ids met lately, so that a long import asks the database once for each. Bounded."""

    def __init__(self, *, limit: int = 200_000) -> None:
        self.limit = limit


def ingest_events(
    events: Sequence[EventMessage],
    *,
    at: datetime,
    batch: IngestBatch | None = None,
    known: KnownIds | None = None,
) -> Ingested:
    """Store what is new in one transaction, committed when this returns.

    Called inside an outer transaction, it commits with that one: an importer commits a chunk and
    the position it has reached together. `at` is the time of arrival.
    """
    raise NotImplementedError
