"""What a chunk of a file's rows does to the database: the one way of the preview and the import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from catalog.messages import ProductMessage
from catalog.refusals import Refused
from catalog.services.load import load_products
from customers.facts import ReadEvents, read_events
from customers.files import layouts
from customers.files.chunks import Chunk, RefusedLine
from customers.files.layout import Facts
from customers.files.reading import Reading
from customers.messages import CustomerMessage, EventMessage
from customers.models import SHOP, IngestBatch
from customers.services.customers import load_customers
from customers.services.ingest import KnownIds, store_events
from customers.services.state_consents import state_consents
from customers.store.rows import SourceId

FILE = "file"
"""The source of consents that a column of a file states."""
REMEMBERED = 200_000


@dataclass(frozen=True)
class Stored:
    """What became of a chunk's rows: stored + duplicates + refused is all of them."""

    stored: int
    duplicates: int
    refused: list[RefusedLine]
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A chunk ready to be stored, with the moment its rows arrive and what its events say."""

    chunk: Chunk
    at: datetime
    events: ReadEvents | None


class Storing:
    """Stores the chunks of one file, in the caller's transaction."""

    def __init__(self, reading: Reading, *, batch: IngestBatch | None) -> None:
        self.reading = reading
        self.batch = batch
        self.facts = layouts.named(reading.layout).facts
        self.known = KnownIds()
        self.stated: set[SourceId] = set()

    def prepare(self, chunk: Chunk, *, at: datetime) -> Prepared:
        """All that needs no database. `at`: when these rows arrive."""
        if self.facts is not Facts.EVENTS:
            return Prepared(chunk, at, None)
        events = cast("Sequence[EventMessage]", chunk.messages)
        return Prepared(chunk, at, read_events(events, at=at))

    def store(self, ready: Prepared) -> Stored:
        if ready.events:
            return self._events(ready.chunk, ready.events, at=ready.at)
        if self.facts is Facts.PRODUCTS:
            return self._products(ready.chunk, at=ready.at)
        return self._customers(ready.chunk, at=ready.at)

    def _events(self, chunk: Chunk, events: ReadEvents, *, at: datetime) -> Stored:
        done = store_events(events, at=at, batch=self.batch, known=self.known)
        notes = dict(done.notes)
        if chunk.titles:
            told = load_products(chunk.titles, at=at)
            notes |= {"titles": told.stored, "titles_refused": len(told.refused)}
        if self.reading.consents:
            told_of = cast("Sequence[EventMessage]", chunk.messages)
            met = {(event.customer_source, event.customer) for event in told_of if event.customer}
            notes["consents"] = self._consents(met, at=at)
        return _stored(chunk, done.stored, done.duplicates, done.refused, notes)

    def _products(self, chunk: Chunk, *, at: datetime) -> Stored:
        done = load_products(cast("Sequence[ProductMessage]", chunk.messages), at=at)
        return _stored(chunk, done.stored, done.unchanged, done.refused, {})

    def _customers(self, chunk: Chunk, *, at: datetime) -> Stored:
        people = cast("Sequence[CustomerMessage]", chunk.messages)
        done = load_customers(people, at=at, source=FILE)
        notes = {}
        if self.reading.consents:
            met = {(SHOP, person.external_id) for person in people}
            notes["consents"] = self._consents(met, at=at)
        return _stored(chunk, done.stored, done.unchanged, done.refused, notes)

    def _consents(self, met: set[SourceId], *, at: datetime) -> int:
        new = met - self.stated
        if len(self.stated) > REMEMBERED:
            self.stated.clear()
        self.stated |= new
        return state_consents(new, purposes=self.reading.consents, at=at) if new else 0


def _stored(
    chunk: Chunk, stored: int, duplicates: int, refused: Sequence[Refused], notes: dict[str, int]
) -> Stored:
    found = [chunk.refuse(one.index, reason=one.reason, detail=one.detail) for one in refused]
    counted = {name: count for name, count in notes.items() if count}
    return Stored(stored, duplicates, [*chunk.refused, *found], counted)
