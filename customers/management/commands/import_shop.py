"""A shop's files become facts: `python3 manage.py import_shop FILE...`."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from customers.files.dates import ORDERS
from customers.files.inspect import BadOption, Defaults, Inspection, inspect_file
from customers.files.layout import Facts
from customers.files.layouts import LAYOUTS
from customers.files.mapping import UnknownColumns
from customers.files.opening import UnreadableFile
from customers.files.questions import Unclear
from customers.files.reading import Options
from customers.import_report import import_report
from customers.management.console import (
    ProgressBar,
    answer,
    closing_table,
    not_read,
    preview_lines,
    summary,
)
from customers.management.demonstration import is_demonstration
from customers.models import IngestBatch, Purpose
from customers.services.import_file import (
    ImportTaken,
    begin_import,
    import_file,
    read_otherwise_before,
)
from customers.services.preview_file import ROWS, preview_file
from retention.present.moments import day

TOTAL = "Whose a total is: the line's own, or the whole order's, repeated on each of its lines."
UNREADABLE, USAGE, INTERRUPTED = 1, 2, 130
BEFORE_ASKING = 5
"""First rows of each file that are shown at a terminal."""
OWN_SHOP = "For a shop of your own run `python3 manage.py start --fresh` first."


@dataclass(frozen=True)
class Planned:
    path: Path
    inspection: Inspection


class Command(BaseCommand):
    help = (
        "Imports files of products, customers, orders, ratings or clicks: CSV or TSV, plain or gz."
        " How each is read is told from it, shown, and asked where it is open."
        " A second run of the same call stores nothing twice; a killed one goes on where it was."
    )
    # Exit codes: 0 finished, 1 a file could not be read, 2 the call lacks or misuses an option.

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("files", nargs="+", type=Path, metavar="FILE")
        add("--layout", default="", choices=["", *LAYOUTS], metavar="NAME", help=_layouts())
        add("--map", default="", metavar="FIELD=COLUMN,...", help="product=StockCode,price=4")
        add("--encoding", default="", help="utf-8, windows-1252, ...")
        add("--delimiter", default="", help="comma, semicolon, tab, bar")
        add("--decimal", default="", choices=["", ".", ","], metavar=". or ,")
        add("--dates", default="", choices=["", *ORDERS], metavar="|".join(ORDERS))
        add("--header", default="", choices=["", "yes", "no"], metavar="yes|no")
        add("--total", default="", choices=["", "line", "order"], metavar="line|order", help=TOTAL)
        add("--kind", default="", help="What the rows say happened: VIEW, PURCHASE, ...")
        add("--on", default="", metavar="YYYY-MM-DD", help="The day of rows that have no date.")
        add("--source", default="shop", help="Whose ids these are: shop, web, app, ...")
        add("--currency", default="", help="ISO 4217, as GBP.")
        add("--timezone", default="", help="Of times without a zone, as Europe/London.")
        add(
            "--consent",
            default="",
            metavar="PURPOSE,...",
            help="The shop states that the customers in these files agreed to these purposes:"
            " marketing, analytics, recommendation.",
        )
        add("--preview", action="store_true", help="Show the first rows as understood; stop.")
        add("--again", action="store_true", help="Import a file once more, by another reading.")
        add(
            "--yes",
            action="store_true",
            help="Do not ask before importing, not even into the demonstration.",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            self._handle(**given)
        except (KeyboardInterrupt, EOFError):
            raise CommandError(
                "\nStopped. The same call goes on where it was.", returncode=INTERRUPTED
            ) from None

    def _handle(self, **given: Any) -> None:
        _check_tables()
        options = _options(given)
        planned = [Planned(path, self._inspect(path, options)) for path in _once(given["files"])]
        # Products and customers first: then events meet them with their names.
        planned.sort(key=lambda one: one.inspection.layout.facts is Facts.EVENTS)
        for one in planned:
            self._show(one, rows=self._rows_shown(preview=given["preview"], yes=given["yes"]))
        if given["preview"]:
            return
        self._agree_to_mix(yes=given["yes"])
        self._agree(planned, again=given["again"], yes=given["yes"])
        batches = [self._import(one) for one in planned]
        self.stdout.write("")
        for line in closing_table([import_report(batch) for batch in batches]):
            self.stdout.write(line)
        for one in planned:
            for line in not_read(one.inspection):
                self.stdout.write(f"Not read of {one.path.name}: {line}.")

    def is_live(self) -> bool:
        """Somebody sits here and can answer."""
        return sys.stdin.isatty() and self.stdout.isatty()

    def _write(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()

    def _inspect(self, path: Path, options: Options) -> Inspection:
        """How a file is read, with the answers of whoever sits at the terminal."""
        defaults = Defaults(
            currency=settings.SHOP_CURRENCY,
            timezone=settings.TIME_ZONE,
            latest=timezone.now(),
        )
        while True:
            try:
                return inspect_file(path, options=options, defaults=defaults)
            except Unclear as unclear:
                if not self.is_live():
                    raise CommandError(
                        f"{unclear} Nothing was imported.", returncode=USAGE
                    ) from None
                self.stdout.write(f"{path.name} leaves open:")
                for question in unclear.questions:
                    said = answer(question, write=self._write, ask=input)
                    options = _answered(options, question.option, said)
            except (BadOption, UnknownColumns) as error:
                raise CommandError(f"{error} Nothing was imported.", returncode=USAGE) from None
            except UnreadableFile as error:
                raise CommandError(
                    f"{error} Nothing was imported.", returncode=UNREADABLE
                ) from None

    def _rows_shown(self, *, preview: bool, yes: bool) -> int:
        """Nobody is asked to agree to what they have not seen."""
        asked = self.is_live() and not yes
        return ROWS if preview else BEFORE_ASKING if asked else 0

    def _show(self, one: Planned, *, rows: int) -> None:
        for line in summary(one.path, one.inspection, shop_currency=settings.SHOP_CURRENCY):
            self.stdout.write(line)
        if rows:
            reading = one.inspection.reading
            shown = preview_file(one.path, reading=reading, at=timezone.now(), rows=rows)
            for line in preview_lines(shown):
                self.stdout.write(line)

    def _agree_to_mix(self, *, yes: bool) -> None:
        if yes or not is_demonstration():
            return
        words = (
            "The shop here is the demonstration: these rows would stand among invented ones, and"
            " what is learned would be of both."
        )
        if not self.is_live():
            raise CommandError(f"{words} {OWN_SHOP} If it is meant, say --yes.", returncode=USAGE)
        if not _agreed(f"{words}\n{OWN_SHOP}\nMix them? [y/N] ", default=False):
            raise CommandError("Nothing was imported.", returncode=USAGE)

    def _agree(self, planned: list[Planned], *, again: bool, yes: bool) -> None:
        """The last moment to say no. Asked on a terminal only."""
        for one in planned:
            before = read_otherwise_before(one.inspection)
            if before is None or again:
                continue
            words = (
                f"{one.path.name} was imported on {day(before.created_at)} by another reading;"
                " its rows would count a second time."
            )
            if not self.is_live():
                raise CommandError(f"{words} If that is meant, say --again.", returncode=USAGE)
            if not _agreed(f"{words} Import it all the same? [y/N] ", default=False):
                raise CommandError("Nothing was imported.", returncode=USAGE)
        if self.is_live() and not yes and not _agreed("\nImport? [Y/n] ", default=True):
            raise CommandError("Nothing was imported.", returncode=USAGE)

    def _import(self, one: Planned) -> IngestBatch:
        batch = begin_import(
            one.path.resolve(), one.inspection, name=one.path.name, at=timezone.now()
        )
        if batch.rows_read:
            self.stdout.write(f"{batch.name}: going on after row {batch.rows_read:,}.")
        bar = ProgressBar(
            write=self._write,
            name=batch.name,
            live=self.stdout.isatty(),
            rows=lambda: batch.rows_read,
        )
        try:
            import_file(batch, clock=timezone.now, progress=bar)
        except (UnreadableFile, ImportTaken) as error:
            raise CommandError(str(error), returncode=UNREADABLE) from None
        finally:
            bar.close()
        self.stdout.write(bar.result())
        return batch


def _check_tables() -> None:
    """Raises CommandError where the database is empty, or of an older version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is not set up for this version: run `python3 manage.py start`, or on a"
            " server `python3 manage.py migrate`, then import.",
            returncode=USAGE,
        )


def _options(given: dict[str, Any]) -> Options:
    return Options(
        **{name: given[name] for name in ("layout", "encoding", "delimiter", "decimal", "dates")},
        **{name: given[name] for name in ("header", "total", "kind", "on")},
        **{name: given[name] for name in ("source", "currency", "timezone")},
        map=_mapping(given["map"]),
        consents=_purposes(given["consent"]),
    )


def _answered(options: Options, option: str, said: str) -> Options:
    if option == "map":
        return replace(options, map={**options.map, **_mapping(said)})
    return Options.from_json({**options.as_json(), option: said})


def _mapping(said: str) -> dict[str, str]:
    """`product=StockCode,price=4`"""
    pairs = [pair for pair in said.split(",") if pair.strip()]
    if broken := [pair for pair in pairs if "=" not in pair]:
        raise CommandError(f"--map: {broken[0]!r} is not field=column.", returncode=USAGE)
    return {field.strip(): column.strip() for field, _, column in (p.partition("=") for p in pairs)}


def _purposes(said: str) -> tuple[str, ...]:
    named = tuple(word.strip().upper() for word in said.split(",") if word.strip())
    if unknown := [word for word in named if word not in Purpose.values]:
        known = ", ".join(purpose.lower() for purpose in Purpose.values)
        raise CommandError(
            f"--consent: {unknown[0].lower()!r} is no purpose. Known are {known}.", returncode=USAGE
        )
    return named


def _once(paths: list[Path]) -> list[Path]:
    """Each file once, however often the shell names it."""
    return list({path.resolve(): path for path in paths}.values())


def _agreed(question: str, *, default: bool) -> bool:
    said = input(question).strip().lower()
    return said.startswith("y") if said else default


def _layouts() -> str:
    return "Told from the columns; or one of " + ", ".join(LAYOUTS)
