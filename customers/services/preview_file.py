"""The first rows of a file as the import will take them: the same code, rolled back at the end."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from customers.files.chunks import Chunk, chunks
from customers.files.reading import Reading
from customers.files.spoken import spoken
from customers.services.store_chunk import Stored, Storing

ROWS = 20


@dataclass(frozen=True)
class PreviewRow:
    """A line, its cells as they stand in the file, and what they mean or why they are refused."""

    line: int
    cells: tuple[str, ...]
    understood: dict[str, str]
    refused: str


@dataclass(frozen=True)
class Preview:
    rows: tuple[PreviewRow, ...]
    stored: int
    duplicates: int
    refused: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that any of the rows fills, in the order people read them."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.understood))


def preview_file(path: Path, *, reading: Reading, at: datetime, rows: int = ROWS) -> Preview:
    """What importing the first `rows` rows would do now. Stores nothing. Raises UnreadableFile."""
    chunk = next(chunks(path, reading=reading, undated_at=at, size=rows), Chunk())
    with transaction.atomic():
        storing = Storing(reading, batch=None)
        stored = storing.store(storing.prepare(chunk, at=at))
        transaction.set_rollback(True)
    return Preview(
        rows=_rows(chunk, stored, reading),
        stored=stored.stored,
        duplicates=stored.duplicates,
        refused=len(stored.refused),
    )


def _rows(chunk: Chunk, stored: Stored, reading: Reading) -> tuple[PreviewRow, ...]:
    why = {one.line: f"{one.reason.replace('_', ' ')}: {one.detail}" for one in stored.refused}
    told = {one.external_id: spoken(one, reading=reading) for one in reversed(chunk.titles)}
    taken = {}
    for line, raw, message in zip(chunk.lines, chunk.raws, chunk.messages, strict=True):
        understood = spoken(message, reading=reading)
        beside = {**told.get(understood.get("product", ""), {})}
        beside.pop("external_id", None)
        taken[line] = PreviewRow(line, tuple(raw), understood | beside, why.get(line, ""))
    not_read = {
        one.line: PreviewRow(one.line, tuple(one.cells), {}, why[one.line]) for one in chunk.refused
    }
    return tuple(row for _, row in sorted((taken | not_read).items()))
