"""Raises workers that launch or send, and kills them: `python -m tests.campaigns.nursery DATABASE
CAMPAIGN WORKERS KILLS SEED [FILE]`. With a file they send, and each letter's key is a line of it.

Workers are forked from a process that has loaded everything, so that a kill costs no start-up.
Prints how often it killed all of them with work left to do.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django


def main(
    database: str, campaign: int, workers: int, *, kills: int, seed: int, carried: str = ""
) -> None:
    django.setup()
    from django.db import connection

    import campaigns.tasks  # noqa: F401 - loaded once, before the workers are forked

    connection.settings_dict["NAME"] = database

    def raised(born: int) -> set[int]:
        """Workers; each generation is born a while later than the one before."""
        if carried:
            return {fork(lambda: _send(carried, born)) for _ in range(workers)}
        return {fork(lambda: _launch(campaign)) for _ in range(workers)}

    chance, killed, living = random.Random(seed), 0, raised(0)
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
        living = raised(killed)
    print(killed)  # noqa: T201 - the answer to the test


def fork(work: Callable[[], None]) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _launch(campaign: int) -> None:
    """As the job does: whoever comes first freezes the audience, all of them issue."""
    from campaigns.tasks import launch
    from retention.jobs.registry import Running
    from tests.make import NOW

    launch(Running(at=NOW), campaign_id=campaign, actor="nursery")


def _send(carried: str, born: int) -> None:
    """Until nothing is due, long after what an earlier generation took and never answered for."""
    from campaigns.letters import Letter
    from campaigns.services.send import ON_ITS_WAY, send_messages
    from tests.campaigns.carriers import Bag
    from tests.make import NOW

    def keep(letter: Letter) -> None:
        with open(carried, "a") as file:
            file.write(f"{letter.key}\n")

    at = NOW + (ON_ITS_WAY + timedelta(seconds=1)) * born
    send_messages({"EMAIL": Bag(keep)}, now=lambda: at, progress=lambda *_: None)


if __name__ == "__main__":
    database_, campaign_, workers_, kills_, seed_, *carried_ = sys.argv[1:]
    main(
        database_,
        int(campaign_),
        int(workers_),
        kills=int(kills_),
        seed=int(seed_),
        carried="".join(carried_),
    )
