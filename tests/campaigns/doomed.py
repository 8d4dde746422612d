"""Waves whose workers die before a statement of their own: `python -m tests.campaigns.doomed
DATABASE CAMPAIGN WAVES EVERY`.

Of wave n the first worker dies before statement 1 + n * EVERY, wherever that is in a transaction;
then two finish the wave together. Prints how many died; once one lives, all statements were met.
"""

import os
import signal
import sys
from datetime import timedelta
from functools import partial
from typing import Any

import django

from tests.campaigns.nursery import fork

CHUNK = 5
"""So few that a wave is admitted and issued in several transactions."""


def main(database: str, campaign: int, *, waves: int, every: int) -> None:
    django.setup()
    from django.db import connection

    from campaigns.services import admit

    connection.settings_dict["NAME"] = database
    vars(admit)["CHUNK"] = CHUNK
    died = 0
    for number in range(waves):
        whole = partial(_admit, campaign, number)
        died += _ended(fork(partial(whole, 1 + number * every))) < 0
        together = fork(whole), fork(whole)
        if sum(_ended(one) for one in together):
            sys.exit("A worker failed.")
    print(died)  # noqa: T201 - the answer to the test


def _ended(worker: int) -> int:
    """Its exit code; negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])


def _admit(campaign: int, number: int, dies_before: int = 0) -> None:
    from django.db import connection

    from campaigns.services.admit import admit_customers
    from tests.make import NOW

    at, left = NOW + timedelta(days=number), dies_before

    def count(execute: Any, *statement: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*statement)

    with connection.execute_wrapper(count):
        admit_customers(campaign, at=at, progress=lambda *_: None)


if __name__ == "__main__":
    database_, campaign_, waves_, every_ = sys.argv[1:]
    main(database_, int(campaign_), waves=int(waves_), every=int(every_))
