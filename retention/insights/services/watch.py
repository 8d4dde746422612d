from dataclasses import asdict
from datetime import date, datetime, timedelta
from math import isfinite, nan
from typing import Any

import numpy as np
from django.utils.timezone import localdate

from customers.models import Purpose
from retention.insights.datasets import local_day, read_facts
from retention.insights.families.churn import SEED, model_of, reliability_of
from retention.insights.families.family import Progress, silent
from retention.insights.models import Kind, ModelVersion, ModelWatch
from retention.insights.serving import load_champion
from retention.insights.watched import learned_since
from retention.learning.churn.watching import Matured, Moved, Watched, watch
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.stability import Reference


def watch_churn(*, at: datetime, progress: Progress = silent) -> ModelWatch | None:
    """Look whether the serving churn model still sees the customers that it was examined on, and
    whether what it predicted came true; None where none serves, or there is nobody to ask about.

    Run again for the same night, it leaves one row.
    Raises BrokenArtifact.
    """
    champion = load_champion(Kind.CHURN)
    if champion is None:
        return None
    version, parameters, arrays = champion
    progress(0, 2, "Reading events")
    facts = read_facts(purpose=Purpose.ANALYTICS, before=at)
    if not len(facts):
        return None
    progress(1, 2, "Comparing with the exam")
    found = watch(
        model_of(parameters, arrays),
        Reference.from_arrays(arrays),
        facts.panel(),
        cut_off=local_day(at),
        examined=parameters["cut_offs"]["test"],
        rng=np.random.default_rng(SEED),
    )
    return None if found is None else _kept(found, version, at=at)


def should_retrain(seen: ModelWatch) -> bool:
    """Something is wrong, and no training has seen what this look has seen."""
    return bool(seen.decays) and learned_since(seen) is None


def _kept(found: Watched, version: ModelVersion, *, at: datetime) -> ModelWatch:
    promised = version.run.metrics["auc"]
    exam = Estimate(**{end: nan if figure is None else figure for end, figure in promised.items()})
    told = {
        "version": version,
        "number": version.number,
        "decays": [decay.value for decay in found.decays(exam)],
        "figures": _figures(found) | {"promised": promised},
        "watched_at": at,
    }
    on = localdate(at)
    seen, _ = ModelWatch.objects.update_or_create(kind=version.kind, on=on, defaults=told)
    return seen


def _figures(found: Watched) -> dict[str, Any]:
    """As JSON, which does not know nan."""
    return {
        "customers": found.customers,
        "said": found.said,
        "scores": asdict(found.scores) if found.scores else None,
        "features": [_feature(moved) for moved in found.features],
        "matured": _matured(found.matured) if found.matured else None,
    }


def _feature(moved: Moved) -> dict[str, Any]:
    return {
        "feature": moved.spec.name,
        **asdict(moved.stability),
        "push": moved.push,
        "before": _known(moved.before),
        "now": _known(moved.now),
        "missing_before": moved.missing_before,
        "missing_now": moved.missing_now,
    }


def _matured(matured: Matured) -> dict[str, Any]:
    quality = matured.quality
    return {
        "predicted_on": _date(matured.cut_off).isoformat(),
        "customers": quality.n,
        "said": matured.said,
        "happened": matured.happened.as_json(),
        "auc": _estimate(quality.auc),
        "log_loss": _estimate(quality.log_loss),
        "ece": _estimate(quality.ece),
        "reliability": reliability_of(quality),
    }


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    return {name: _known(figure) for name, figure in estimate.as_json().items()}


def _known(figure: float) -> float | None:
    return figure if isfinite(figure) else None


def _date(day: float) -> date:
    return date(1970, 1, 1) + timedelta(days=int(day))
