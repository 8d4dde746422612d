"""A file's rows become facts in chunks, each committed together with the position it reached.

Killed at any moment and started again, an import ends with the same rows: what was committed is
passed over, what was not is stored, and the names of the rows keep either from counting twice.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from catalog.models import Product
from customers.files.ahead import one_ahead
from customers.files.chunks import Chunk, chunks
from customers.files.inspect import Inspection
from customers.files.layout import Facts
from customers.files.layouts import LAYOUTS
from customers.files.opening import UnreadableFile, checksum
from customers.files.reading import Reading
from customers.models import Customer, CustomerIdentity, Event, IngestBatch, RefusedRow
from customers.services.store_chunk import Prepared, Stored, Storing

CHUNK = 10_000
EXAMPLES = 100
"""Refused rows kept of each reason; all are counted."""

LARGE = 50_000
"""Rows stored, after which what the planner knows of the tables is out of date."""

Progress = Callable[[int, int, str], None]


class ImportTaken(Exception):
    """Another process is importing the same file at this moment."""


def begin_import(
    path: Path, inspection: Inspection, *, name: str, at: datetime, by: str = ""
) -> IngestBatch:
    """The batch of a file: the one that an earlier start left unfinished, or a new one."""
    reading = inspection.reading.as_json()
    same = IngestBatch.objects.filter(checksum=inspection.checksum)
    for batch in same.exclude(state=IngestBatch.State.DONE).order_by("-pk"):
        if batch.reading == reading:
            batch.path = str(path)
            batch.save(update_fields=["path"])
            return batch
    return IngestBatch.objects.create(
        name=name,
        path=str(path),
        checksum=inspection.checksum,
        reading=reading,
        created_by=by,
        created_at=at,
    )


def read_otherwise_before(inspection: Inspection) -> IngestBatch | None:
    """A finished import of the same file by another reading: its rows would count once more.

    Orders once, and once the customers that stand beside them, is twice nothing.
    """
    reading = inspection.reading.as_json()
    done = IngestBatch.objects.filter(
        checksum=inspection.checksum, state=IngestBatch.State.DONE
    ).order_by("-pk")
    batches = [batch for batch in done[:20] if _facts_of(batch) is inspection.layout.facts]
    if any(batch.reading == reading for batch in batches):
        return None
    return next(iter(batches), None)


def _facts_of(batch: IngestBatch) -> Facts | None:
    layout = LAYOUTS.get(batch.reading.get("layout", ""))
    return layout.facts if layout else None


def import_file(
    batch: IngestBatch,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
    hold: Callable[[], None] | None = None,
) -> IngestBatch:
    """Read the batch's file from the position reached to its end, and return the closed batch.

    clock : the edge's; an import is long, and each chunk arrives at its own moment.
    progress : called after each chunk with bytes read, bytes of the file and a sentence.
    hold : called first in each chunk's transaction; raises where the work is someone else's now.
    Raises UnreadableFile, with the batch marked as failed, or ImportTaken.
    """
    batch.started_at = batch.started_at or clock()
    batch.state = IngestBatch.State.RUNNING
    batch.save(update_fields=["state", "started_at"])
    try:
        _read(batch, clock=clock, progress=progress or _silent, hold=hold or _unrivalled)
    except UnreadableFile as error:
        batch.state, batch.error = IngestBatch.State.FAILED, _by_its_name(error, batch)
        batch.save(update_fields=["state", "error"])
        raise
    if batch.rows_stored >= LARGE:
        _gather_statistics()
    batch.state, batch.error, batch.finished_at = IngestBatch.State.DONE, "", clock()
    batch.save(update_fields=["state", "error", "finished_at"])
    return batch


def _read(
    batch: IngestBatch,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    hold: Callable[[], None],
) -> None:
    path = Path(batch.path)
    size = path.stat().st_size if path.exists() else 0
    if not size or checksum(path) != batch.checksum:
        raise UnreadableFile(f"{path.name} is gone or was changed since its preview. Start again.")
    reading = Reading.from_json(batch.reading)
    storing = Storing(reading, batch=batch)
    # Rows without a moment of their own keep the one they had, whatever restart reads them.
    pieces = chunks(
        path,
        reading=reading,
        undated_at=batch.created_at,
        size=CHUNK,
        after=batch.rows_read,
    )
    for ready in one_ahead(storing.prepare(chunk, at=clock()) for chunk in pieces):
        _commit(batch, ready, storing, hold=hold)
        progress(ready.chunk.consumed, size, f"{batch.rows_read:,} rows")


def _commit(
    batch: IngestBatch, ready: Prepared, storing: Storing, *, hold: Callable[[], None]
) -> None:
    """One transaction: the rows, those refused, and the position."""
    with transaction.atomic():
        hold()
        stored = storing.store(ready)
        counted = _counted(batch, ready.chunk, stored)
        # Of two processes with one file, the second finds the position moved and stores nothing.
        moved = IngestBatch.objects.filter(
            pk=batch.pk, rows_read=batch.rows_read, state=IngestBatch.State.RUNNING
        ).update(**counted)
        if not moved:
            raise ImportTaken(f"{batch.name} is being imported by another process.")
        _keep_examples(batch, stored)
    for name, value in counted.items():
        setattr(batch, name, value)


def _counted(batch: IngestBatch, chunk: Chunk, stored: Stored) -> dict[str, Any]:
    reasons = Counter(one.reason for one in stored.refused)
    notes = {name: batch.notes.get(name, 0) + count for name, count in stored.notes.items()}
    return {
        "rows_read": batch.rows_read + chunk.rows,
        "rows_stored": batch.rows_stored + stored.stored,
        "rows_duplicate": batch.rows_duplicate + stored.duplicates,
        "rows_refused": batch.rows_refused + len(stored.refused),
        "notes": {
            **batch.notes,
            **notes,
            "refused": dict(Counter(batch.notes.get("refused", {})) + reasons),
        },
    }


def _keep_examples(batch: IngestBatch, stored: Stored) -> None:
    """Called before the batch in memory moves on: its counts are those before this chunk."""
    kept = Counter(batch.notes.get("refused", {}))
    rows = []
    for one in sorted(stored.refused, key=lambda refused: refused.line):
        kept[one.reason] += 1
        if kept[one.reason] <= EXAMPLES:
            rows.append(
                RefusedRow(
                    batch=batch,
                    line=one.line,
                    reason=one.reason[:48],
                    detail=one.detail[:500],
                    raw="" if one.reason == "erased" else one.raw,
                )
            )
    RefusedRow.objects.bulk_create(rows)


def _by_its_name(error: UnreadableFile, batch: IngestBatch) -> str:
    """An upload is kept under a name of ours; people know it by theirs."""
    return str(error).replace(batch.path, batch.name).replace(Path(batch.path).name, batch.name)


def _gather_statistics() -> None:
    """Or the next question, a preview's for one, might read whole tables to find a few rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit=1000")  # A sample of each index, in milliseconds.
        for model in (Event, Customer, CustomerIdentity, Product):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _silent(done: int, total: int, message: str) -> None:
    """Nobody looks on."""


def _unrivalled() -> None:
    """Nobody takes the work away."""
