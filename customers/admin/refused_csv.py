from collections.abc import Iterator

from django.http import StreamingHttpResponse

from customers.models import IngestBatch
from retention.present.spreadsheet import Cell, as_csv


def refused_csv(batch: IngestBatch) -> StreamingHttpResponse:
    """The refused rows that were kept, by line."""
    return as_csv(_rows(batch), name=f"refused-{batch.pk}")


def _rows(batch: IngestBatch) -> Iterator[tuple[Cell, ...]]:
    yield ("line", "reason", "detail", "row")
    for row in batch.refused.order_by("line").iterator(chunk_size=2_000):
        yield (row.line, row.reason, row.detail, row.raw)
