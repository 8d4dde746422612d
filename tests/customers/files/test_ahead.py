import threading
from collections.abc import Generator

import pytest

from customers.files.ahead import one_ahead


def test_pieces_keep_their_order() -> None:
    assert list(one_ahead(n for n in range(1, 6))) == [1, 2, 3, 4, 5]


def test_no_more_than_the_next_piece_is_made() -> None:
    made: list[int] = []
    pieces = one_ahead(made.append(n) or n for n in range(100))  # type: ignore[func-returns-value] # None

    for piece in pieces:
        assert len(made) <= piece + 2
    assert len(made) == 100


def test_pieces_are_made_by_another_thread() -> None:
    (name,) = one_ahead(threading.current_thread().name for _ in range(1))

    assert name.startswith("reading")


def test_what_making_a_piece_raises_is_raised_after_those_before_it() -> None:
    pieces = one_ahead(10 // n for n in (5, 0))

    assert next(pieces) == 2
    with pytest.raises(ZeroDivisionError):
        next(pieces)


def test_whoever_stops_early_closes_the_pieces() -> None:
    closed = threading.Event()

    def lines() -> Generator[int]:
        try:
            yield from range(1, 100)
        finally:
            closed.set()

    pieces = one_ahead(lines())
    next(pieces)
    pieces.close()

    assert closed.is_set()
