"""How an import speaks: questions before it, a bar while it runs, a table after it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from customers.files.columns import KNOWN_ABOUT_CUSTOMERS
from customers.files.inspect import MONEY, Inspection
from customers.files.layout import Facts
from customers.files.mapping import guess
from customers.files.questions import Question
from customers.files.reading import Reading
from customers.import_report import ImportReport, RefusedFor
from customers.services.preview_file import Preview

Write = Callable[[str], object]

WIDTH = 24
QUIET_SECONDS = 10.0
"""Where nobody looks on, a line this often."""


@dataclass
class ProgressBar:
    """Rows, rate and time left of one file; a moving line on a terminal, plain lines elsewhere."""

    write: Write
    name: str
    live: bool
    rows: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    said: float = field(init=False)
    rows_before: int = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.said = self.clock()
        self.rows_before = self.rows()

    def __call__(self, done: int, total: int, message: str) -> None:
        """Called with bytes read, bytes of the file and a sentence."""
        now = self.clock()
        if not self.live and now - self.said < QUIET_SECONDS:
            return
        self.said = now
        line = self.line(done / total if total else 1.0, now)
        self.write(f"\r{line:<78}" if self.live else f"{line}\n")

    def line(self, share: float, now: float) -> str:
        passed = max(now - self.started, 1e-9)
        rows = self.rows()
        rate = (rows - self.rows_before) / passed
        left = passed * (1 - share) / share if share else 0.0
        bar = "#" * round(WIDTH * share)
        return (
            f"[{bar:.<{WIDTH}}] {share:4.0%} {rows:>11,} rows {rate:>8,.0f}/s"
            f" {_clock(left)} left  {self.name[:20]}"
        )

    def result(self) -> str:
        passed = max(self.clock() - self.started, 1e-9)
        rows = self.rows() - self.rows_before
        return f"{self.name}: {rows:,} rows in {passed:,.1f} s, {rows / passed:,.0f} rows/s"

    def close(self) -> None:
        if self.live:
            self.write("\r" + " " * 78 + "\r")


def answer(question: Question, *, write: Write, ask: Callable[[str], str]) -> str:
    """What a person at the terminal says; asked again until it is one of the choices."""
    write(f"\n{question.at_a_terminal}\n")
    for number, choice in enumerate(question.choices, start=1):
        write(f"  {number}  {choice}\n")
    while True:
        said = ask(f"{question.option}: ").strip()
        if said.isdigit() and 1 <= int(said) <= len(question.choices):
            return question.choices[int(said) - 1]
        if said and (not question.choices or said in question.choices):
            return said


def summary(path: Path, found: Inspection, *, shop_currency: str) -> Iterable[str]:
    """How a file will be read, and how each part of it is known."""
    reading, why = found.reading, found.because
    yield f"{path.name}: {found.layout.title} ({why['layout']})"
    words = f", as in {', '.join(found.words[:3])}" if found.words else ""
    yield f"  letters    {reading.encoding}: {why['encoding']}{words}"
    yield f"  columns    {', '.join(columns(reading))}"
    if "occurred_at" in reading.columns:
        yield f"  dates      {reading.dates}: {why['dates']}; times are {reading.timezone}'s"
    elif found.layout.facts is Facts.EVENTS:
        yield f"  dates      {reading.on or why['on']}"
    if set(MONEY) & set(reading.columns):
        yield f"  decimals   {reading.decimal} ({why['decimal']})"
        yield f"  money      {reading.currency}: {why['currency']}"
        if reading.currency != shop_currency:
            yield f"  note       the shop counts in {shop_currency}; set SHOP_CURRENCY to its own"
    if reading.kind:
        yield f"  what       {reading.kind}: {why['kind']}"
    for line in not_read(found):
        yield f"  not read   {line}"


def not_read(found: Inspection) -> Iterable[str]:
    """The columns that nothing is taken from, and which of them another import would take."""
    reading = found.reading
    taken = {*reading.columns.values(), *reading.extra.values()}
    left = [at for at in range(len(reading.header)) if at not in taken and reading.header[at]]
    if left:
        yield ", ".join(reading.header[at] for at in left)
    if found.layout.facts is not Facts.EVENTS or "customer" not in reading.columns:
        return
    told = guess(reading.header, fields=sorted(KNOWN_ABOUT_CUSTOMERS))
    if people := [reading.header[at] for at in sorted(told.values()) if at in left]:
        words = "says" if len(people) == 1 else "say"
        yield (
            f"{' and '.join(people)} {words} who a customer is, not what was bought: import the"
            " same file again with --layout customers for that"
        )


def columns(reading: Reading) -> list[str]:
    """`product=StockCode`, each column with the field it fills."""
    placed = [*reading.columns.items(), *reading.extra.items()]
    in_order = sorted(placed, key=lambda pair: pair[1])
    return [f"{field}={reading.column_name(at)}" for field, at in in_order]


def preview_lines(preview: Preview) -> Iterable[str]:
    """Each row as the import will take it."""
    for row in preview.rows:
        told = "; ".join(f"{name} {text}" for name, text in row.understood.items())
        yield f"  line {row.line:,}: {f'refused, {row.refused}' if row.refused else told}"
    yield (
        f"  Of these {len(preview.rows)} rows {preview.stored} would be stored,"
        f" {preview.duplicates} are known, {preview.refused} would be refused."
    )


def table(rows: Sequence[Sequence[str]], *, numbers_from: int = 1) -> Iterable[str]:
    """Lines of equal columns; those from `numbers_from` on are set to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.ljust(width) if n < numbers_from else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def closing_table(reports: Sequence[ImportReport]) -> Iterable[str]:
    """Read, stored, duplicates and refused of each file, then why, with the first lines."""
    head = ("file", "read", "stored", "duplicates", "refused")
    yield from table(
        [
            head,
            *(
                (
                    one.name,
                    f"{one.read:,}",
                    f"{one.stored:,}",
                    f"{one.duplicates:,}",
                    f"{one.refused:,}",
                )
                for one in reports
            ),
        ]
    )
    for report in reports:
        if report.reasons:
            yield ""
            yield f"Refused in {report.name}:"
            for refused in report.reasons:
                yield from _reason(refused)
        if report.notes:
            yield ""
            yield f"Of {report.name}:"
            yield from (f"  {count:>11,}  {words}" for count, words in report.notes)


def _reason(refused: RefusedFor) -> Iterable[str]:
    yield f"  {refused.count:>11,}  {refused.spoken}"
    for example in refused.examples:
        yield f"{'':15}line {example.line:,}: {example.detail}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
