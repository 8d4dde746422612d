"""A file as rows of cells, one at a time: delimiter, header and the line each row begins on."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .opening import Opened, UnreadableFile, opened
from .questions import Question, Unclear

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "::": "double colon"}
SPOKEN = {name: mark for mark, name in DELIMITERS.items()}
# The csv module splits at one character only; this one is made for the purpose and never typed.
STAND_IN = "\x1f"
VALUE = re.compile(r"[\s€$£+-]*\d[\d\s.,:/TZ+-]*")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the text falls into cells. `header` is empty where the first row is data already."""

    delimiter: str
    header: tuple[str, ...] = ()
    width: int = 0
    skipped_lines: int = 0


class Rows:
    """Iterates (line, cells); blank rows, of a spreadsheet's tail, are passed over."""

    def __init__(
        self, file: Opened, *, name: str, encoding: str, delimiter: str, skip: int
    ) -> None:
        self.file = file
        self.name = name
        self.encoding = encoding
        self.delimiter = delimiter
        self.skip = skip
        # newline="" leaves line ends inside quotes to the csv module, as it wants them.
        self.text = io.TextIOWrapper(file.content, encoding, newline="")

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        lines: Iterator[str] = iter(self.text)
        mark = self.delimiter
        if mark == "::":
            lines, mark = (line.replace("::", STAND_IN) for line in self.text), STAND_IN
        for _ in range(self.skip):
            next(lines, "")
        reader = csv.reader(lines, delimiter=mark)
        line = 1 + self.skip
        try:
            for cells in reader:
                if any(cells):
                    yield line, cells
                line = reader.line_num + 1 + self.skip
        except csv.Error as error:
            raise UnreadableFile(
                f"{self.name}: from line {line:,} on no row can be told ({error})."
                " A quote is opened there and not closed, most likely."
            ) from error
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                f"{self.name}: near line {line:,} a byte is not {self.encoding} ({error.reason})."
            ) from error

    @property
    def consumed(self) -> int:
        return self.file.consumed


@contextmanager
def reading_rows(path: Path, *, encoding: str, delimiter: str, skip: int = 0) -> Iterator[Rows]:
    """The rows of a file; `skip` leaves out so many lines at its top. Raises UnreadableFile."""
    with opened(path) as file:
        yield Rows(file, name=path.name, encoding=encoding, delimiter=delimiter, skip=skip)


def settle_shape(
    path: Path, *, encoding: str, delimiter: str = "", has_header: bool | None = None
) -> Shape:
    """Delimiter and header from the first rows. Raises UnreadableFile or Unclear."""
    skip = _delimiter_line(path, encoding)
    mark = SPOKEN.get(delimiter, delimiter.replace("\\t", "\t")) or _delimiter(path, encoding, skip)
    head = first_rows(path, encoding=encoding, delimiter=mark, skip=skip, count=50)
    if not head:
        raise UnreadableFile(f"{path.name} holds no rows.")
    first = tuple(cell.strip() for cell in head[0])
    named = _reads_as_header(first) if has_header is None else has_header
    if named and len(head) == 1:
        raise UnreadableFile(f"{path.name} holds a header and no rows.")
    return Shape(mark, first if named else (), len(first), skip)


def first_rows(
    path: Path, *, encoding: str, delimiter: str, skip: int, count: int
) -> list[list[str]]:
    with reading_rows(path, encoding=encoding, delimiter=delimiter, skip=skip) as rows:
        return [cells for _, cells in islice(rows, count)]


def _delimiter_line(path: Path, encoding: str) -> int:
    """1 where the file opens with Excel's own `sep=;` line, which is no row."""
    with opened(path) as file:
        first = io.TextIOWrapper(file.content, encoding, newline="").readline(200)
    return int(first.strip().strip('"').lower().startswith("sep="))


def _delimiter(path: Path, encoding: str, skip: int) -> str:
    tried = {mark: _agreement(path, encoding, mark, skip) for mark in DELIMITERS}
    best = max(tried.values())
    winners = [mark for mark, agreement in tried.items() if agreement == best]
    if best[1] < 2:
        raise UnreadableFile(
            f"{path.name}: no delimiter splits it into columns."
            f" Tried {', '.join(DELIMITERS.values())}; name another with --delimiter."
        )
    if len(winners) > 1:
        names = tuple(DELIMITERS[mark] for mark in winners)
        asks = "Which sign stands between its columns? Several would do."
        raise Unclear(path.name, (Question("delimiter", asks, names),))
    return winners[0]


def _agreement(path: Path, encoding: str, mark: str, skip: int) -> tuple[float, int]:
    """(share of the first rows as wide as the first, in twentieths; that width)."""
    try:
        head = first_rows(path, encoding=encoding, delimiter=mark, skip=skip, count=100)
    except UnreadableFile:
        return (0.0, 0)
    widths = Counter(map(len, head))
    width = len(head[0]) if head else 0
    if width < 2:
        return (0.0, width)
    return (round(20 * widths[width] / len(head)) / 20, width)


def _reads_as_header(cells: tuple[str, ...]) -> bool:
    """Names, not values: none of the cells is a number or a date."""
    return any(cells) and not any(VALUE.fullmatch(cell) for cell in cells if cell)
