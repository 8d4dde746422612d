import os
import signal
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from retention.jobs.registry import Running, job

from .models import Effect, Start


@job("faults.slow", title="Slow work", retries=50)
def slow(run: Running, *, seconds: float = 1.0, silent: bool = False) -> dict[str, Any]:
    """Works for a while, then has one effect, in the transaction that completes the run."""
    Start.objects.create(run_id=run.run_id, claim=run.claim)
    steps = max(1, int(seconds / 0.1))
    for step in range(steps):
        if not silent:
            run.progress(step, steps, "working")
        time.sleep(0.1)
    with transaction.atomic():
        run.complete({"steps": steps}, at=timezone.now())
        Effect.objects.create(run_id=run.run_id, claim=run.claim)
    return {"steps": steps}


@job("faults.slow_training", title="Slow training", queue="training", retries=50)
def slow_training(run: Running, *, seconds: float = 1.0) -> dict[str, Any]:
    return slow(run, seconds=seconds)


@job("faults.deadly", title="Kills its worker", retries=2)
def deadly(run: Running) -> dict[str, Any]:
    Start.objects.create(run_id=run.run_id, claim=run.claim)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@job("faults.stuck", title="Reports nothing", queue="training", limit_minutes=0, retries=0)
def stuck(run: Running) -> dict[str, Any]:
    Start.objects.create(run_id=run.run_id, claim=run.claim)
    time.sleep(600)
    return {}
