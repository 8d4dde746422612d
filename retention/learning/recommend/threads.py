"""A few threads over chunks of arrays, with BLAS at one thread so that they do not compete."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

_lock = threading.Lock()
_inside: list[Any] = []


def over(
    items: Sequence[Item], work: Callable[[Item], Result], *, threads: int | None = None
) -> list[Result]:
    """work(item) of every item, in order, on so many threads (None: one a usable core).

    What a chunk computes must not depend on which thread computes it or when: then neither
    does the result, to the byte.
    """
    count = min(len(items), threads or usable_cores())
    with one_blas_thread():
        if count <= 1:
            return [work(item) for item in items]
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(work, items))


def usable_cores() -> int:
    """The cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS at one thread while any caller is inside; the number it had before comes back after.

    The setting belongs to the process, so the first one in sets it and the last one out
    restores it, however many requests overlap.
    """
    with _lock:
        _inside.append(_blas().limit(limits=1, user_api="blas") if not _inside else None)
    try:
        yield
    finally:
        with _lock:
            if len(_inside) == 1:
                _inside[0].restore_original_limits()
                _inside.clear()
            else:
                _inside.pop()


@cache
def _blas() -> ThreadpoolController:
    # Finding the libraries takes milliseconds, setting them microseconds: find them once.
    return ThreadpoolController()
