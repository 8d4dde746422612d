"""What the pages of one import show: how its file is read, and its first rows side by side."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from customers.admin.import_forms import ReadingForm, initial, is_told_by_columns
from customers.files.columns import Chosen, NoFacts, choose_columns
from customers.files.inspect import (
    BadOption,
    Defaults,
    Inspection,
    Table,
    inspect_file,
    look_at,
)
from customers.files.layout import Facts
from customers.files.mapping import UnknownColumns
from customers.files.opening import NoText, UnreadableFile
from customers.files.questions import Question, Unclear
from customers.files.reading import Options, Reading
from customers.files.rows import DELIMITERS
from customers.services.preview_file import ROWS, Preview, PreviewRow, preview_file

MEANT = {
    "unit_price": ("unit_price", "price"),
    "customer": ("customer", "external_id"),
    "product": ("product", "external_id"),
    "text": ("description",),
    "first_name": ("name",),
    "last_name": ("name",),
    "clock": (),
    "marketing": ("consents",),
}
"""A field of a file -> the fields of a message it ends up in; the others keep their name."""


@dataclass(frozen=True)
class Read:
    """A file as far as it is understood: all of it, or what stands in the way."""

    inspection: Inspection | None = None
    table: Table | None = None
    chosen: Chosen | None = None
    questions: tuple[Question, ...] = ()
    problem: str = ""
    hopeless: bool = False
    """No answer would help: there is nothing in it for a shop, or it is no table."""

    @property
    def taken(self) -> dict[int, str]:
        """Column -> the field it fills."""
        return {at: field for field, at in self.chosen.columns.items()} if self.chosen else {}

    @property
    def reading(self) -> Reading | None:
        return self.inspection.reading if self.inspection else None

    def asked(self, option: str) -> Question | None:
        return next((one for one in self.questions if one.option == option), None)


def read(path: Path, options: Options, *, name: str) -> Read:
    """Never raises for what a file may be: it becomes words for the operator.

    name : the operator's own; the file is kept under one of ours, which says nothing to them.
    """
    table = chosen = None
    defaults = Defaults(
        currency=settings.SHOP_CURRENCY, timezone=settings.TIME_ZONE, latest=timezone.now()
    )
    try:
        table = look_at(path, options=options)
        chosen = choose_columns(path.name, shape=table.shape, options=options, rows=table.sample)
        found = inspect_file(path, options=options, defaults=defaults, table=table)
        return Read(found, table, chosen)
    except Unclear as unclear:
        return Read(table=table, chosen=chosen, questions=unclear.questions)
    except (BadOption, UnknownColumns) as error:
        return Read(table=table, chosen=chosen, problem=str(error).replace(path.name, name))
    except UnreadableFile as error:
        problem = str(error).replace(str(path), name).replace(path.name, name)
        return Read(table=table, problem=problem, hopeless=isinstance(error, NoFacts | NoText))


def reading_form(found: Read, options: Options, data: object = None) -> ReadingForm:
    form = ReadingForm(data, initial=initial(options))  # type: ignore[arg-type]  # a QueryDict or None
    layout = found.chosen.layout if found.chosen else None
    if found.table is None or not is_told_by_columns(layout):
        return form
    shape = found.table.shape
    titles = shape.header or tuple("" for _ in range(shape.width))
    return form.columns(titles, facts=layout.facts if layout else Facts.EVENTS, taken=found.taken)


@dataclass(frozen=True)
class Line:
    """One choice about a file: what holds now, how it is known, what to ask."""

    name: str
    value: str
    because: str
    question: Question | None


def lines(found: Read) -> list[Line]:
    """How the file is read, part by part."""
    values = _known(found) | (_values(found.inspection) if found.inspection else {})
    because = found.inspection.because if found.inspection else {}
    return [
        Line(name, values.get(name, ""), because.get(name, ""), found.asked(name))
        for name in (
            "layout",
            "encoding",
            "delimiter",
            "dates",
            "decimal",
            "currency",
            "total",
            "kind",
            "on",
        )
    ]


def _known(found: Read) -> dict[str, str]:
    """What is settled already while something else is open."""
    known = {}
    if found.table is not None:
        mark = found.table.shape.delimiter
        known = {"encoding": found.table.letters.encoding, "delimiter": DELIMITERS.get(mark, mark)}
    return known | ({"layout": found.chosen.layout.title} if found.chosen else {})


def _values(inspection: Inspection) -> dict[str, str]:
    reading = inspection.reading
    return {
        "dates": reading.dates if "occurred_at" in reading.columns else "",
        "decimal": {".": "point", ",": "comma"}[reading.decimal],
        "currency": reading.currency,
        "total": "the line's own" if "amount" in reading.columns else "",
        "kind": reading.kind,
        "on": reading.on,
    }


@dataclass(frozen=True)
class Cell:
    raw: str
    meant: str
    """Where it differs from the cell's text."""


@dataclass(frozen=True)
class SideRow:
    line: int
    kind: str
    refused: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class SideBySide:
    """The first rows: their cells, and below each what it is understood as."""

    columns: tuple[tuple[str, str], ...]
    """(title, field) of each column; the field is empty where the column is not read."""
    rows: tuple[SideRow, ...]
    preview: Preview | None = None
    """None while something is open: nothing is understood yet."""


def first_rows(path: Path, found: Read) -> SideBySide | None:
    """As they are understood; as they stand in the file while a question is open."""
    if found.reading is not None:
        return side_by_side(path, found.reading)
    return as_they_stand(found.table, found.taken) if found.table is not None else None


def as_they_stand(table: Table, taken: dict[int, str]) -> SideBySide:
    shape = table.shape
    titles = [*shape.header, *("" for _ in range(shape.width - len(shape.header)))]
    columns = tuple(
        (title or f"column {at + 1}", taken.get(at, "").replace("_", " "))
        for at, title in enumerate(titles)
    )
    rows = tuple(
        SideRow(line, "", "", tuple(Cell(raw, "") for raw in cells))
        for line, cells in table.lines[:ROWS]
    )
    return SideBySide(columns, rows)


def side_by_side(path: Path, reading: Reading) -> SideBySide:
    preview = preview_file(path, reading=reading, at=timezone.now())
    fields = {at: field for field, at in (*reading.columns.items(), *reading.extra.items())}
    columns = tuple(
        (reading.column_name(at), fields.get(at, "").replace("_", " "))
        for at in range(reading.width)
    )
    return SideBySide(columns, tuple(_side(row, fields) for row in preview.rows), preview)


def _side(row: PreviewRow, fields: dict[int, str]) -> SideRow:
    cells = tuple(
        Cell(raw, _meant(raw, fields.get(at, ""), row.understood))
        for at, raw in enumerate(row.cells)
    )
    return SideRow(row.line, row.understood.get("kind", ""), row.refused, cells)


def _meant(raw: str, field: str, understood: dict[str, str]) -> str:
    names = MEANT.get(field, (field,))
    meant = next((understood[name] for name in names if name in understood), "")
    return "" if meant == raw.strip() else meant
