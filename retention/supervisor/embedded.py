"""The processes of an installation with nothing configured."""

import os
import sys
from dataclasses import replace

from . import Child, answers

CELERY = [sys.executable, "-m", "celery", "-q", "-A", "retention.celery", "worker"]
QUIET = ["--without-gossip", "--without-mingle", "-l", "WARNING"]
POLITE = {"REMAP_SIGTERM": "SIGQUIT"}
"""On SIGTERM jobs may finish for a few seconds; what is left goes back to the queue."""

HUSH = ("worker: ",)
"""How Celery announces that it goes: of a Ctrl-C that its worker would not even get."""


def embedded(*, host: str, port: int) -> list[Child]:
    """Web, a worker for everything short, and one that trains. They schedule by themselves."""
    here = {"LOCAL_URL": os.environ.get("LOCAL_URL", f"http://{host}:{port}")}
    return [
        replace(one, env={**one.env, **here}) for one in (_web(host, port), _worker(), _training())
    ]


def _web(host: str, port: int) -> Child:
    gunicorn = [sys.executable, "-m", "gunicorn", "retention.wsgi:application"]
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    options += ["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "8"]
    return Child(
        name="web",
        argv=[*gunicorn, "--bind", f"{host}:{port}", *options],
        ready=answers(f"http://{host}:{port}/health/live"),
    )


def _worker() -> Child:
    mine = ["-Q", "default,ingest,campaigns", "-c", "2", "-n", "worker@%h"]
    return Child(name="worker", argv=[*CELERY, *mine, *QUIET], env=POLITE, hush=HUSH)


def _training() -> Child:
    # Threads: OpenMP hangs for ever in a forked child whose parent used it.
    mine = ["-Q", "training", "--pool=threads", "-c", "1", "-n", "training@%h"]
    return Child(name="training", argv=[*CELERY, *mine, *QUIET], env=POLITE, hush=HUSH)
