"""What became of an import, for the command's closing table and the admin's page alike."""

from dataclasses import dataclass

from customers.models import IngestBatch, RefusedRow

NOTES = {
    "anonymous": "rows without a customer, kept as anonymous facts",
    "clocks_corrected": "moments ahead of the clock, set to their arrival",
    "erased": "rows of erased customers, kept as nobody's",
    "customers_first_seen": "customers met for the first time",
    "products_first_seen": "products met for the first time",
    "titles": "titles, categories and brands of products that the rows brought or changed",
    "titles_refused": "of these, refused",
    "consents": "consents recorded by the shop's statement",
}
"""What else happened, in the order it is told."""


@dataclass(frozen=True)
class Example:
    line: int
    detail: str
    raw: str


@dataclass(frozen=True)
class RefusedFor:
    """All rows refused for one reason, with the first of them."""

    reason: str
    count: int
    examples: tuple[Example, ...]

    @property
    def spoken(self) -> str:
        return self.reason.replace("_", " ")


@dataclass(frozen=True)
class ImportReport:
    name: str
    read: int
    stored: int
    duplicates: int
    refused: int
    reasons: tuple[RefusedFor, ...]
    notes: tuple[tuple[int, str], ...]


def import_report(batch: IngestBatch, *, examples: int = 3) -> ImportReport:
    """`examples` of each reason at most, the most frequent reason first. One query a reason."""
    counts: dict[str, int] = batch.notes.get("refused", {})
    by_frequency = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ImportReport(
        name=batch.name,
        read=batch.rows_read,
        stored=batch.rows_stored,
        duplicates=batch.rows_duplicate,
        refused=batch.rows_refused,
        reasons=tuple(
            RefusedFor(reason, count, _examples(batch, reason, examples))
            for reason, count in by_frequency
        ),
        notes=tuple(
            (batch.notes[name], words) for name, words in NOTES.items() if batch.notes.get(name)
        ),
    )


def _examples(batch: IngestBatch, reason: str, count: int) -> tuple[Example, ...]:
    rows = RefusedRow.objects.filter(batch=batch, reason=reason).order_by("line")[:count]
    return tuple(Example(row.line, row.detail, row.raw) for row in rows)
