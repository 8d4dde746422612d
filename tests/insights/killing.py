"""Trainings that are killed while two readers serve: run inside a product, prints what they saw."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from django.utils import timezone

from retention.insights.families.registry import FAMILIES
from retention.insights.models import Kind, ModelVersion
from retention.insights.services.train import train
from retention.insights.serving import load_champion
from tests.insights.toys import LEARNED, Toy

WEIGHTS = 100_000
LONGEST = 0.25


@dataclass
class Seen:
    """What a reader saw. mixed : models whose parts were not of one training."""

    reads: int = 0
    mixed: int = 0
    backwards: int = 0
    champions: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def run(folder: Path, *, kills: int, seed: int) -> None:
    """Kill that many trainings at random moments; print what two readers saw meanwhile."""
    _finished(_forked(partial(_train, times=1)))
    readers = [_forked(partial(_read, folder / name)) for name in ("one", "two")]
    rng = random.Random(seed)
    for kill in range(kills):
        if kill % 4 == 0:
            # One is left to finish, so that there is something to go back from.
            _finished(_forked(partial(_train, times=1)))
        training = _forked(partial(_train, times=1000))
        time.sleep(rng.uniform(0, LONGEST))
        os.kill(training, signal.SIGKILL)
        os.waitpid(training, 0)
    (folder / "over").touch()
    for reader in readers:
        _finished(reader)
    sys.stdout.write(json.dumps([json.loads((folder / n).read_text()) for n in ("one", "two")]))


def _forked(work: Callable[[], None]) -> int:
    """A child with the imports done already, so that kills fall into the work."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def _finished(pid: int) -> None:
    assert os.waitpid(pid, 0)[1] == 0


def _train(*, times: int) -> None:
    for _ in range(times):
        mark = time.monotonic_ns()
        outcome = replace(
            LEARNED,
            parameters={"mark": mark},
            arrays={"weights": np.full(WEIGHTS, mark), "again": np.full(WEIGHTS, mark)},
        )
        FAMILIES[Kind.CHURN] = Toy(learns=outcome)
        train("CHURN", at=timezone.now())


def _read(file: Path) -> None:
    seen, last = Seen(), 0
    while not (file.parent / "over").exists():
        seen.champions.add(ModelVersion.objects.champions().filter(kind="CHURN").count())
        try:
            serving = load_champion("CHURN")
        except Exception as error:
            seen.errors.append(repr(error))
            continue
        assert serving
        version, parameters, arrays = serving
        seen.reads += 1
        whole = all((array == parameters["mark"]).all() for array in arrays.values())
        seen.mixed += not whole
        seen.backwards += version.number < last
        last = version.number
    file.write_text(json.dumps(vars(seen) | {"champions": sorted(seen.champions)}))
