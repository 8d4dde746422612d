"""A file as chunks of messages: what the preview shows and what the import stores are these."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import itemgetter
from pathlib import Path

from msgspec import UNSET

from catalog.messages import ProductMessage
from customers.messages import CustomerMessage, EventMessage

from . import layouts
from .catalogue import CustomerReader, ProductReader, category_path
from .events import EventReader
from .layout import Cells, Extra, Facts, Layout, RowRefused
from .reading import Reading
from .rows import reading_rows

Message = EventMessage | ProductMessage | CustomerMessage
KEPT_TITLES = 200_000
NOTHING_TOLD = ("", "", "")


@dataclass(frozen=True, slots=True)
class RefusedLine:
    line: int
    reason: str
    detail: str
    cells: list[str]

    @property
    def raw(self) -> str:
        return " | ".join(self.cells)[:1000]


@dataclass(slots=True)
class Chunk:
    """Some rows in a row. `messages`, `lines` and `raws` go together, one a row understood."""

    messages: list[Message] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    raws: list[list[str]] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    titles: list[ProductMessage] = field(default_factory=list)
    """What event rows say about their products, where it is new."""
    consumed: int = 0
    """Bytes of the file on the disk read so far."""

    @property
    def rows(self) -> int:
        return len(self.messages) + len(self.refused)

    def refuse(self, at: int, *, reason: str, detail: str) -> RefusedLine:
        """A row that was understood and is refused all the same."""
        return RefusedLine(self.lines[at], reason, detail, self.raws[at])


def chunks(
    path: Path, *, reading: Reading, undated_at: datetime, size: int, after: int = 0
) -> Iterator[Chunk]:
    """The file's rows in their order, `size` at a time. Raises UnreadableFile.

    after : rows at the front that were dealt with before. They are read, not given out: the names
    of later rows may depend on them.
    """
    reader = RowReader(reading, undated_at=undated_at)
    with reading_rows(
        path,
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        skip=reading.skipped_lines,
    ) as rows:
        numbered = iter(rows)
        if reading.header:
            next(numbered, None)
        while block := list(islice(numbered, min(size, after) or size)):
            chunk = reader.chunk(block)
            if after:
                after -= chunk.rows
                continue
            chunk.consumed = rows.consumed
            yield chunk


class RowReader:
    """Rows of cells to messages, by one reading."""

    def __init__(self, reading: Reading, *, undated_at: datetime) -> None:
        self.layout: Layout = layouts.named(reading.layout)
        begin = self.layout.understanding
        self.understand = begin() if begin else self.layout.understand
        self.width = reading.width
        # Columns that a spreadsheet left without a name at the end of its rows may be missing.
        titles = list(reading.header) or ["?"] * reading.width
        self.least = max((n + 1 for n, title in enumerate(titles) if title), default=0)
        self.fields = tuple(reading.columns)
        self.pick = _picker(tuple(reading.columns.values()))
        self.extra_names = tuple(reading.extra)
        self.pick_extra = _picker(tuple(reading.extra.values()))
        self.is_events = self.layout.facts is Facts.EVENTS
        self.titles: dict[str, tuple[str, str, str]] = {}
        self._read = self._reader(reading, undated_at)

    def _reader(self, reading: Reading, undated_at: datetime) -> Callable[[Cells, Extra], Message]:
        if self.layout.facts is Facts.PRODUCTS:
            return ProductReader(reading).read
        if self.layout.facts is Facts.CUSTOMERS:
            return CustomerReader(reading).read
        return EventReader(reading, undated_at=undated_at).read

    def chunk(self, block: Sequence[tuple[int, list[str]]]) -> Chunk:
        made = Chunk()
        for line, row in block:
            try:
                cells, extra = self.cells(row)
                self.understand(cells, extra)
                message = self._read(cells, extra)
            except RowRefused as refusal:
                made.refused.append(RefusedLine(line, refusal.reason, refusal.detail, row))
                continue
            made.messages.append(message)
            made.lines.append(line)
            made.raws.append(row)
            if self.is_events and (told := self._told_of_product(cells)):
                made.titles.append(told)
        return made

    def cells(self, row: list[str]) -> tuple[Cells, Extra]:
        """The row's cells by field. Raises RowRefused where they are not as many as the columns."""
        if len(row) != self.width:
            row = self._of_width(row)
        cells = dict(zip(self.fields, map(str.strip, self.pick(row)), strict=True))
        if not self.extra_names:
            return cells, {}
        values = zip(self.extra_names, map(str.strip, self.pick_extra(row)), strict=True)
        return cells, {name: value for name, value in values if value}

    def _of_width(self, row: list[str]) -> list[str]:
        if len(row) < self.least:
            torn = " A line break inside a cell, perhaps." if len(row) < self.width else ""
            raise RowRefused("cells_missing", f"{len(row)} cells for {self.width} columns.{torn}")
        if any(row[self.width :]):
            raise RowRefused(
                "too_many_cells",
                f"{len(row)} cells for {self.width} columns. A delimiter inside a cell, perhaps.",
            )
        return (row + [""] * self.width)[: self.width]

    def _told_of_product(self, cells: Cells) -> ProductMessage | None:
        """Title, category and brand beside a sale; the last that is told stands."""
        get = cells.get
        told = (get("title", ""), get("category", ""), get("brand", ""))
        if told == NOTHING_TOLD:
            return None
        product = get("product", "")
        if not product or self.titles.get(product) == told:
            return None
        title, category, brand = told
        if len(self.titles) >= KEPT_TITLES:
            self.titles.clear()
        self.titles[product] = told
        return ProductMessage(
            external_id=product,
            title=title or UNSET,
            category=category_path(category) or UNSET,
            brand=brand or UNSET,
        )


def _picker(columns: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    if len(columns) >= 2:
        return itemgetter(*columns)
    if columns:
        return lambda row: (row[columns[0]],)
    return lambda row: ()
