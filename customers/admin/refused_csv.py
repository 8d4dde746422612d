"""Refused rows for a spreadsheet, which must not run what a cell of a shop's file says."""

import csv
import unicodedata
from collections.abc import Iterator

from django.http import StreamingHttpResponse

from customers.models import IngestBatch

STARTS_A_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n")


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def refused_csv(batch: IngestBatch) -> StreamingHttpResponse:
    """The refused rows that were kept, by line; streamed."""
    lines = csv.writer(Echo())
    response = StreamingHttpResponse(
        (lines.writerow(row) for row in _rows(batch)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="refused-{batch.pk}.csv"'
    return response


def safe(text: str) -> str:
    """Text that a spreadsheet takes for text: full-width signs count, spaces before them do not."""
    plain = unicodedata.normalize("NFKC", text)
    risky = plain.startswith(STARTS_A_FORMULA) or plain.lstrip().startswith(STARTS_A_FORMULA)
    return f"'{text}" if risky else text


def _rows(batch: IngestBatch) -> Iterator[tuple[str | int, ...]]:
    yield ("line", "reason", "detail", "row")
    for row in batch.refused.order_by("line").iterator(chunk_size=2_000):
        yield (row.line, row.reason, safe(row.detail), safe(row.raw))
