"""Small files as shops make them, and what the product reads in them."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from customers.files.chunks import Chunk, chunks
from customers.files.inspect import Defaults, Inspection, inspect_file
from customers.files.reading import Options

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SHOP = Defaults(currency="GBP", timezone="Europe/London", latest=NOW)


def file(
    folder: Path, text: str, *, name: str = "orders.csv", encoding: str = "utf-8", gz: bool = False
) -> Path:
    path = folder / name
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if gz else data)
    return path


def inspect(path: Path, **options: Any) -> Inspection:
    return inspect_file(path, options=Options(**options), defaults=SHOP)


def read(path: Path, **options: Any) -> Chunk:
    """Everything in a file of a few rows."""
    reading = inspect(path, **options).reading
    (chunk,) = chunks(path, reading=reading, undated_at=NOW, size=10_000)
    return chunk


def messages(path: Path, **options: Any) -> list[Any]:
    return list(read(path, **options).messages)


def message(path: Path, **options: Any) -> Any:
    """The one message of a file of one row."""
    (only,) = messages(path, **options)
    return only


def refusal(path: Path, **options: Any) -> tuple[int, str]:
    """Line and reason of the one refused row."""
    (only,) = read(path, **options).refused
    return only.line, only.reason
