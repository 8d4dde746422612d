from collections.abc import Iterator
from datetime import datetime

from django.http import StreamingHttpResponse

from customers.models import IngestBatch
from retention.access.audit import record
from retention.present.spreadsheet import Cell, as_csv


def refused_csv(batch: IngestBatch, *, by: str, at: datetime) -> StreamingHttpResponse:
    """The refused rows that were kept, by line. Who took them is logged."""
    taken = {"rows": batch.refused.count()}
    record("export refused rows", thing=batch, actor=by, at=at, before={}, after=taken)
    return as_csv(_rows(batch), name=f"refused-{batch.pk}")


def _rows(batch: IngestBatch) -> Iterator[tuple[Cell, ...]]:
    yield ("line", "reason", "detail", "row")
    for row in batch.refused.order_by("line").iterator(chunk_size=2_000):
        yield (row.line, row.reason, row.detail, row.raw)
