import math
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from retention.insights import artifacts
from retention.insights.datasets import Facts, read_facts
from retention.insights.families.family import Learned, Progress, TooLittle, Verdict, silent
from retention.insights.families.registry import FAMILIES
from retention.insights.families.sanity import shrunk
from retention.insights.models import ModelVersion, TrainingRun
from retention.insights.services.promote import promote, refuse
from retention.insights.serving import rival
from retention.insights.turns import take_turn

State = TrainingRun.State
LONGEST_MESSAGE = 500


def train(
    kind: str,
    *,
    at: datetime,
    as_of: datetime | None = None,
    asked_by: str = "",
    progress: Progress = silent,
) -> TrainingRun:
    """Learn a model from what was known at a moment, and let it serve if it is better.

    as_of : nothing later is seen, `at` unless said. Data that ended long ago is learned today.
    Ends DONE with a version (promoted or refused, with the reason) or NOT_ENOUGH_DATA with what is
    missing. Anything else is a bug: recorded as FAILED and raised.
    """
    _bury_the_interrupted(kind)
    as_of = as_of or at
    run = TrainingRun.objects.create(kind=kind, asked_by=asked_by, learned_at=as_of, started_at=at)
    began = time.monotonic()
    try:
        progress(0, 4, "Reading events")
        facts = read_facts(purpose=FAMILIES[kind].purpose, before=as_of)
        run.left_out = facts.left_out.as_json()
        progress(1, 4, "Learning")
        outcome = FAMILIES[kind].learn(facts, at=as_of, progress=progress)
        if isinstance(outcome, TooLittle):
            return _end(run, State.NOT_ENOUGH_DATA, began, message=outcome.message)
        progress(3, 4, "Comparing with the serving model")
        _store_and_decide(run, outcome, facts)
        return _end(run, State.DONE, began, message=outcome.message)
    except BaseException as error:
        _end(run, State.FAILED, began, error=f"{type(error).__name__}: {error}")
        raise


def _store_and_decide(run: TrainingRun, learned: Learned, facts: Facts) -> None:
    verdict = _judged(run.kind, learned, facts, at=run.learned_at)
    stored = artifacts.store(
        f"{run.kind.lower()}-{run.pk}", parameters=learned.parameters, arrays=learned.arrays
    )
    try:
        _enter(run, learned, stored, verdict)
    except BaseException:
        artifacts.remove(stored.path)
        raise


def _enter(run: TrainingRun, learned: Learned, stored: artifacts.Stored, verdict: Verdict) -> None:
    with transaction.atomic():
        take_turn(run.kind)
        version = ModelVersion.objects.create(
            kind=run.kind,
            number=_next_number(run.kind),
            run=run,
            path=stored.path,
            checksum=stored.checksum,
            created_at=run.started_at,
        )
        _describe(run, learned, verdict)
        if verdict.promote:
            promote(version, at=run.started_at, actor="the promotion gate", verdict=verdict.words)
        else:
            refuse(version, verdict=verdict.words)


def _judged(kind: str, learned: Learned, facts: Facts, *, at: datetime) -> Verdict:
    """What the gate says: first of the amount of data, then of the model."""
    champion = rival(kind)
    cut = shrunk(learned, champion, left_out=facts.left_out)
    verdict = cut or FAMILIES[kind].judge(learned, champion, facts, at=at)
    if champion is None and ModelVersion.objects.champions().filter(kind=kind).exists():
        return replace(verdict, words=f"The serving version cannot be read. {verdict.words}")
    return verdict


def _next_number(kind: str) -> int:
    numbers = ModelVersion.objects.filter(kind=kind).aggregate(last=Max("number"))
    return 1 + (numbers["last"] or 0)


def _describe(run: TrainingRun, learned: Learned, verdict: Verdict) -> None:
    run.parameters = _plain(learned.parameters)
    run.metrics = _plain({**learned.metrics, **verdict.evidence})
    run.row_counts = dict(learned.row_counts)
    run.window_start_at, run.window_end_at = learned.window
    run.save()


def _plain(value: Any) -> Any:
    """The same without nan and infinity, which JSON does not know: they are unknown, None."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
    return value


def _bury_the_interrupted(kind: str) -> None:
    """A run that was killed cannot say so itself; the next one of its kind does."""
    TrainingRun.objects.filter(kind=kind, state=State.RUNNING).update(
        state=State.FAILED, error="Interrupted: the worker stopped before it was done."
    )


def _end(
    run: TrainingRun, state: str, began: float, *, message: str = "", error: str = ""
) -> TrainingRun:
    run.state, run.message, run.error = state, message[:LONGEST_MESSAGE], error
    run.finished_at = run.started_at + timedelta(seconds=time.monotonic() - began)
    run.save()
    return run
