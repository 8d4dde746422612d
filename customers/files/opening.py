"""Any file a shop may hand us, opened as plain bytes; what is no text is refused by name."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

BLOCK = 1 << 20
LONGEST_LINE = 4 << 20

NOT_TEXT = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "a SQLite database",
}


class UnreadableFile(Exception):
    """The file as a whole cannot be read; its words say what to do instead."""


class NoText(UnreadableFile):
    """No choice would help: it is empty, or no table of text."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file being read: `content` is unpacked, `packed` is what lies on the disk."""

    content: BinaryIO
    packed: BinaryIO

    @property
    def consumed(self) -> int:
        """Bytes of the file on the disk that were read so far."""
        return self.packed.tell()


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The file's bytes, unpacked where it is a gzip. Raises UnreadableFile."""
    try:
        packed = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path}: cannot be opened ({error.strerror}).") from error
    with packed:
        start = packed.read(16)
        packed.seek(0)
        _refuse_what_is_no_text(path, start)
        if not start.startswith(b"\x1f\x8b"):
            yield Opened(packed, packed)
            return
        with gzip.open(packed) as content:
            yield Opened(cast("BinaryIO", content), packed)


def blocks(path: Path) -> Iterator[bytes]:
    """The unpacked content in pieces of a megabyte. Raises UnreadableFile where it is damaged."""
    seen = 0
    with opened(path) as file:
        while True:
            try:
                block = file.content.read(BLOCK)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise UnreadableFile(
                    f"{path.name}: the archive is damaged after {seen:,} unpacked bytes ({error})."
                    " Fetch or export the file again."
                ) from error
            if not block:
                return
            seen += len(block)
            yield block


def checksum(path: Path) -> str:
    """SHA-256 of the file as it lies on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_what_is_no_text(path: Path, start: bytes) -> None:
    if not start:
        raise NoText(f"{path.name} is empty.")
    for magic, what in NOT_TEXT.items():
        if start.startswith(magic):
            raise NoText(
                f"{path.name} is {what}, not a table of text."
                " Save it as CSV (UTF-8), plain or gzipped, and import that."
            )
