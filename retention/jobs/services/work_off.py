from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from retention.jobs.registry import QUEUES

from .claim import claim, claim_next
from .perform import KeepAlive, perform


def work_off(
    queues: Collection[str] = QUEUES,
    *,
    by: str,
    now: Callable[[], datetime],
    lease: timedelta,
    keep_alive: KeepAlive,
    first: int | None = None,
    most: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Do what is due in these queues, one run after the other, in this process; returns how many.

    first : the run to begin with, where someone gave a hint.
    most : runs to do before returning, so that a pool can renew its processes.
    """
    done = 0
    run = claim(first, by=by, at=now(), lease=lease) if first is not None else None
    while run := run or claim_next(queues, by=by, at=now(), lease=lease):
        perform(run, now=now, keep_alive=keep_alive)
        run = None
        done += 1
        if done == most or not go_on():
            break
    return done
