"""Raises issuing workers and kills them: `python -m tests.campaigns.nursery DATABASE CAMPAIGN ...`.

Workers are forked from a process that has loaded everything, so that a kill costs no start-up.
Prints how many it killed with work left to do.
"""

import os
import random
import signal
import sys
import time

import django


def main(database: str, campaign: int, workers: int, kills: int, seed: int) -> None:
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    chance, killed, living = random.Random(seed), 0, {_fork(campaign) for _ in range(workers)}
    while living:
        if killed < kills:
            time.sleep(chance.uniform(0.02, 0.12))
            for worker in living:
                os.kill(worker, signal.SIGKILL)
        ended = [os.waitpid(worker, 0)[1] for worker in living]
        if all(status == 0 for status in ended):
            break
        if any(status not in {0, signal.SIGKILL} for status in ended):
            sys.exit(f"A worker failed: {ended}")
        killed += sum(status == signal.SIGKILL for status in ended)
        living = {_fork(campaign) for _ in range(workers)}
    print(killed)  # noqa: T201 - the answer to the test


def _fork(campaign: int) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        _issue(campaign)
        code = 0
    finally:
        os._exit(code)


def _issue(campaign: int) -> None:
    from campaigns.services.issue import issue_coupons
    from tests.make import NOW

    issue_coupons(campaign, at=NOW, progress=lambda done, total, message: None)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
