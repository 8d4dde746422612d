"""The next piece is read while the database stores this one: never more than one is waiting."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(pieces: Generator[T]) -> Generator[T]:
    """The pieces in their order, made by a thread of its own, which must not use the database.

    No piece is None. What making one raises is raised in its turn. Closing this closes the pieces.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as reader:
        try:
            following = reader.submit(next, pieces, None)
            while (piece := following.result()) is not None:
                following = reader.submit(next, pieces, None)
                yield piece
        finally:
            reader.submit(pieces.close)
