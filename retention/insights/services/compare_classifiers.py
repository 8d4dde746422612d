from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from customers.models import Purpose
from retention.insights.datasets import read_facts
from retention.insights.families.churn import model_of
from retention.insights.families.family import Progress, silent
from retention.insights.models import Kind, TrainingRun
from retention.insights.serving import load_champion
from retention.learning.churn.classifiers import OneClass
from retention.learning.churn.contest import Sat, contest
from retention.learning.churn.labels import CutOffPlan, NotMatured

SEED = 1


class NothingToCompare(Exception):
    """No churn model serves, or the facts it was measured on are gone."""


def compare_classifiers(*, at: datetime, progress: Progress = silent) -> TrainingRun:
    """Have the classifiers of the field sit the exam of the serving churn model, and keep how each
    did with its training. Raises NothingToCompare, BrokenArtifact."""
    champion = load_champion(Kind.CHURN)
    if champion is None:
        raise NothingToCompare("No churn model serves yet: train one first.")
    version, parameters, arrays = champion
    plan = parameters["cut_offs"]
    facts = read_facts(purpose=Purpose.ANALYTICS, before=at)
    try:
        sat = contest(
            facts.panel(),
            model_of(parameters, arrays).definition,
            CutOffPlan(tuple(plan["train"]), plan["choose"], plan["test"]),
            smoothing=parameters["smoothing"],
            rng=np.random.default_rng(SEED),
            progress=progress,
        )
    except (NotMatured, OneClass) as refused:
        raise NothingToCompare(
            f"What the serving model was measured on cannot be read again: {refused}"
        ) from refused
    told = {"at": at.isoformat(), "sat": [_told(one) for one in sat]}
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update(of=("self",)).get(pk=version.run_id)
        run.metrics = run.metrics | {"classifiers": told}
        run.save(update_fields=["metrics"])
    return run


def _told(one: Sat) -> dict[str, Any]:
    quality = one.quality
    return {
        "name": one.name,
        "customers": quality.n,
        "log_loss": quality.log_loss.as_json(),
        "auc": quality.auc.as_json(),
        "brier": quality.brier.as_json(),
        "against_served": asdict(one.gap) if one.gap else None,
        "seconds": round(one.seconds, 2),
    }
