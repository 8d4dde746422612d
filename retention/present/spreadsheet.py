"""Rows for a spreadsheet, which must not run what a name, an id or a shop's file says."""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse

Cell = str | int | Decimal
STARTS_A_FORMULA = ("=", "+", "-", "@", "|", "%")
BREAKS_A_CELL = ("\t", "\r", "\n")


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Sequence[Cell]], *, name: str) -> StreamingHttpResponse:
    """Streamed, so that memory stays flat."""
    lines = csv.writer(Echo())
    response = StreamingHttpResponse(
        (lines.writerow([safe(cell) for cell in row]) for row in rows),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def safe(cell: Cell) -> Cell:
    """Text that a spreadsheet takes for text; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    # Full-width signs are read as signs, and spaces before them are passed over.
    plain = unicodedata.normalize("NFKC", cell)
    risky = plain.startswith(BREAKS_A_CELL) or plain.lstrip().startswith(STARTS_A_FORMULA)
    return f"'{cell}" if risky else cell
