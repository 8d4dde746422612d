"""Who this worker is, told to its children; and the moment in which it may not get any."""

import os
import threading

NAME, QUEUES = "JOBS_WORKER_NAME", "JOBS_WORKER_QUEUES"

no_forks = threading.RLock()
"""Held while a worker's own process has a database connection open: a child forked in that moment
would share it."""

os.register_at_fork(
    before=no_forks.acquire, after_in_parent=no_forks.release, after_in_child=no_forks.release
)


def name_me(hostname: str, queues: list[str]) -> None:
    """Before the pool starts. Forked or spawned, children inherit the environment."""
    os.environ[NAME] = f"{hostname}/{os.getpid()}"
    os.environ[QUEUES] = " ".join(queues)


def my_name() -> str:
    return os.environ[NAME]


def my_queues() -> list[str]:
    return os.environ[QUEUES].split()
