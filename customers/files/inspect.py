"""Settles how a file is read before a row of it is; what the file leaves open is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime
from itertools import islice
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from retention.present.currencies import CODES

from .columns import SALE, Chosen, choose_columns
from .dates import ORDERS, Order
from .encoding import Letters, settle_encoding
from .evidence import Settled, settle_currency, settle_decimal, settle_order
from .layout import Facts, Layout
from .money import split_price
from .numbers import Mark
from .opening import checksum
from .questions import Question, Unclear
from .reading import Options, Reading
from .rows import DELIMITERS, Shape, reading_rows, settle_shape
from .totals import read_lines, settle_total

SAMPLED_ROWS = 2_000
MONEY = ("unit_price", "amount", "discount", "cost")
NUMBERS = (*MONEY, "quantity", "rating", "stock")


class BadOption(ValueError):
    """An option's value is none of those it may have."""


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What the shop is, where neither file nor operator says otherwise."""

    currency: str
    timezone: str
    latest: datetime
    """No row is of a later day: it tells 31/12/11 apart from 11/12/31."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """A reading, and in words how each part of it is known."""

    reading: Reading
    layout: Layout
    checksum: str
    size: int
    because: dict[str, str]
    words: tuple[str, ...] = ()


def inspect_file(
    path: Path, *, options: Options, defaults: Defaults, table: "Table | None" = None
) -> Inspection:
    """Raises BadOption, UnreadableFile, UnknownColumns, or Unclear with all that is open.

    table : the file looked at already, with the same options.
    """
    table = table or look_at(path, options=options)
    letters = table.letters
    chosen = choose_columns(path.name, shape=table.shape, options=options, rows=table.sample)
    if chosen.layout.facts is Facts.CUSTOMERS and options.source != "shop":
        raise BadOption("--source is for events: a file of customers has the shop's own ids.")
    settled = _settle_cells(table, chosen, options, defaults)
    return Inspection(
        reading=_reading(table, chosen, settled, options, defaults),
        layout=chosen.layout,
        checksum=checksum(path),
        size=path.stat().st_size,
        because={
            "encoding": letters.because,
            "delimiter": "you said so" if options.delimiter else "its rows agree on it",
            "layout": chosen.because,
            **{name: answer.because for name, answer in settled.items()},
        },
        words=letters.words,
    )


def look_at(path: Path, *, options: Options) -> "Table":
    """Letters, delimiter, header and the first rows; what they mean is still open.

    Raises BadOption, UnreadableFile or Unclear.
    """
    check_options(options)
    letters = settle_encoding(path, given=options.encoding)
    shape = settle_shape(
        path,
        encoding=letters.encoding,
        delimiter=options.delimiter,
        has_header={"yes": True, "no": False}.get(options.header),
    )
    return Table(path, letters, shape)


def _reading(
    table: "Table",
    chosen: Chosen,
    settled: dict[str, Settled],
    options: Options,
    defaults: Defaults,
) -> Reading:
    return Reading(
        layout=chosen.layout.name,
        encoding=table.letters.encoding,
        delimiter=table.shape.delimiter,
        skipped_lines=table.shape.skipped_lines,
        header=table.shape.header,
        width=table.shape.width,
        columns=_columns_read(chosen.columns, table, total=settled["total"].value),
        extra=chosen.extra,
        decimal=cast("Mark", settled["decimal"].value),
        dates=cast("Order", settled["dates"].value),
        kind=settled["kind"].value,
        on=settled["on"].value,
        source=options.source,
        currency=settled["currency"].value,
        timezone=options.timezone or defaults.timezone,
        consents=options.consents,
    )


def check_options(options: Options) -> None:
    """Raises BadOption."""
    _one_of("decimal", options.decimal, (".", ","))
    _one_of("dates", options.dates, ORDERS)
    _one_of("header", options.header, ("yes", "no"))
    _one_of("total", options.total, ("line", "order"))
    if options.currency and options.currency.upper() not in CODES:
        raise BadOption(f"--currency {options.currency!r} is no ISO 4217 code, as GBP is.")
    if options.delimiter and options.delimiter not in (*DELIMITERS, *DELIMITERS.values(), "\\t"):
        raise BadOption(
            f"--delimiter {options.delimiter!r} is unknown."
            f" Known are {', '.join(DELIMITERS.values())}."
        )
    try:
        ZoneInfo(options.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise BadOption(
            f"--timezone {options.timezone!r} is no IANA zone, as Europe/London is."
        ) from None
    try:
        day = date.fromisoformat(options.on or "2000-01-01")
        if not MINYEAR < day.year < MAXYEAR:
            raise ValueError
    except ValueError:
        raise BadOption(f"--on {options.on!r} is no day, as 2026-01-31 is.") from None


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        raise BadOption(f"--{name} {value!r} is unknown. Known are {', '.join(known)}.")


@dataclass
class Table:
    """The file's rows below its header: the first of them at hand, the rest on demand."""

    path: Path
    letters: Letters
    shape: Shape
    lines: list[tuple[int, list[str]]] = field(init=False)
    """The first rows, each with the line it begins on."""

    def __post_init__(self) -> None:
        self.lines = list(islice(self.numbered(), SAMPLED_ROWS))

    @property
    def sample(self) -> list[list[str]]:
        return [row for _, row in self.lines]

    def rows(self) -> Iterator[list[str]]:
        return (row for _, row in self.numbered())

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        with reading_rows(
            self.path,
            encoding=self.letters.encoding,
            delimiter=self.shape.delimiter,
            skip=self.shape.skipped_lines,
        ) as rows:
            start = 1 if self.shape.header else 0
            yield from islice(rows, start, None)

    def placed(self, columns: Sequence[int]) -> Iterator[tuple[int, str]]:
        """(line, cell) of some columns that hold prices or numbers, without currency signs."""
        for line, row in self.numbered():
            yield from ((line, split_price(row[at])[1]) for at in columns if at < len(row))

    def cells(self, columns: Sequence[int], *, whole: bool = False) -> Iterator[str]:
        """The cells of some columns, row by row."""
        for row in self.rows() if whole else self.sample:
            for at in columns:
                if at < len(row):
                    yield row[at]


def _settle_cells(
    table: Table, chosen: Chosen, options: Options, defaults: Defaults
) -> dict[str, Settled]:
    """decimal, dates, total, kind, on and currency. Raises Unclear with every one that is open."""
    columns = chosen.columns
    numeric = [columns[name] for name in NUMBERS if name in columns]
    dated = [columns[name] for name in ("occurred_at",) if name in columns]
    priced = [columns[name] for name in MONEY if name in columns]

    def bare_numbers(*, whole: bool) -> Iterator[str]:
        return (split_price(cell)[1] for cell in table.cells(numeric, whole=whole))

    decimal = settle_decimal(
        options.decimal,
        sample=lambda: bare_numbers(whole=False),
        whole=lambda: bare_numbers(whole=True),
        placed=lambda: table.placed(numeric),
    )
    answers: dict[str, Settled | Question] = {
        "decimal": decimal,
        "total": _settle_total(table, chosen, options, decimal),
        "dates": settle_order(
            options.dates,
            sample=lambda: table.cells(dated),
            whole=lambda: table.cells(dated, whole=True),
            latest=defaults.latest,
        ),
        "currency": settle_currency(
            options.currency,
            by_layout=chosen.layout.currency,
            by_shop=defaults.currency,
            sample=lambda: table.cells(priced),
        ),
        "kind": _settle_kind(options, chosen),
        "on": _settle_day(options, chosen),
    }
    open_ones = tuple(answer for answer in answers.values() if isinstance(answer, Question))
    if open_ones:
        raise Unclear(table.path.name, open_ones)
    return {name: answer for name, answer in answers.items() if isinstance(answer, Settled)}


def _settle_total(
    table: Table, chosen: Chosen, options: Options, decimal: Settled | Question
) -> Settled | Question:
    """Whose the totals are. They cannot be compared before the decimal mark is known."""
    columns, mark = chosen.columns, decimal
    told_by_words = chosen.layout.facts is Facts.EVENTS and not chosen.layout.columns
    if options.total or "amount" not in columns or not told_by_words or isinstance(mark, Question):
        return Settled(options.total or "line", "you said so" if options.total else "")
    settled = cast("Mark", mark.value)
    return settle_total(
        sample=lambda: read_lines(table.sample, columns, mark=settled),
        whole=lambda: read_lines(table.rows(), columns, mark=settled),
    )


def _settle_kind(options: Options, chosen: Chosen) -> Settled | Question:
    """What the rows say happened, where no column says it."""
    if options.kind:
        return Settled(options.kind.upper(), "you said so")
    if chosen.layout.facts is not Facts.EVENTS or "kind" in chosen.columns:
        return Settled("", "each row says it")
    if chosen.layout.kind:
        return Settled(chosen.layout.kind, "the layout says so")
    if SALE & frozenset(chosen.columns):
        return Settled("PURCHASE", "it has orders, quantities or prices")
    asks = "What happened in these rows?"
    return Question("kind", asks, ("VIEW", "CART", "PURCHASE", "RETURN", "RATING"))


def _settle_day(options: Options, chosen: Chosen) -> Settled | Question:
    if chosen.layout.facts is not Facts.EVENTS or "occurred_at" in chosen.columns:
        return Settled("", "each row has its moment")
    if options.on:
        return Settled(options.on, "you said so")
    if chosen.layout.undated == "import":
        return Settled("", "no row has a moment: the moment of the import stands for it")
    return Question("on", "On which day did this happen? Its rows have no date. YYYY-MM-DD")


def _columns_read(columns: dict[str, int], table: Table, *, total: str) -> dict[str, int]:
    """Without what would count twice: an order's total on each of its lines is no line's amount."""
    read = _without_idle_clock(columns, table)
    return {name: at for name, at in read.items() if name != "amount" or total != "order"}


def _without_idle_clock(columns: dict[str, int], table: Table) -> dict[str, int]:
    """A time of day in a column of its own is left alone where the dates have theirs."""
    if "clock" not in columns or "occurred_at" not in columns:
        return {name: at for name, at in columns.items() if name != "clock"}
    timed = any(":" in cell for cell in table.cells([columns["occurred_at"]]))
    return {name: at for name, at in columns.items() if name != "clock" or not timed}
