"""Raises launching workers and kills them: `python -m tests.campaigns.nursery DATABASE ...`.

Workers are forked from a process that has loaded everything, so that a kill costs no start-up.
Prints how often it killed all of them with work left to do.
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

    import campaigns.tasks  # noqa: F401 - loaded once, before the workers are forked

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
        killed += all(status == signal.SIGKILL for status in ended)
        living = {_fork(campaign) for _ in range(workers)}
    print(killed)  # noqa: T201 - the answer to the test


def _fork(campaign: int) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        _launch(campaign)
        code = 0
    finally:
        os._exit(code)


def _launch(campaign: int) -> None:
    """As the job does: whoever comes first freezes the audience, all of them issue."""
    from campaigns.tasks import launch
    from retention.jobs.registry import Running
    from tests.make import NOW

    launch(Running(at=NOW), campaign_id=campaign, actor="nursery")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
