"""Who is about to leave, by the shop's own definition: an additive model with exact reasons."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings

from customers.models import Purpose
from retention.insights.datasets import SECONDS_A_DAY, Facts
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.models import ChurnDefinition
from retention.learning.churn import labels
from retention.learning.churn.bands import Bands, suggest_bands
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import DataShortage, Outcome, outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.training import TrainedChurn, train_churn
from retention.learning.measure.classification import compare
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import Panel

SEED = 1
LOOK_BACK_DAYS = 365


class ChurnFamily:
    """Additive logistic regression on behaviour, calibrated; see docs/algorithms/churn.md."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Train on several cut-offs, calibrate on a later one, measure on the latest."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        panel, definition = facts.panel(), current_definition()
        trained = train_churn(
            panel, asked(definition), rng=np.random.default_rng(SEED), progress=progress
        )
        if isinstance(trained, DataShortage):
            return TooLittle(str(trained))
        bands = _bands(definition, trained, panel)
        return Learned(
            parameters={
                "model": trained.model.meta(),
                "bands": asdict(bands),
                "smoothing": trained.smoothing,
                "cut_offs": asdict(trained.plan),
            },
            arrays=trained.model.arrays(),
            metrics=_metrics(trained),
            row_counts={
                "events": len(facts),
                "customers": len(facts.customers),
                "training_rows": trained.rows,
                "test_customers": trained.quality.overall.n,
            },
            window=(_moment(panel.first_day), _moment(panel.last_day)),
            message="; ".join(trained.quality.alarms),
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Better than rules of thumb, and than the serving model on customers neither has seen."""
        floor = learned.metrics["over_rfm"]
        if floor["high"] < 0:
            return Verdict(False, f"Ranks customers worse than RFM (AUC {_said(floor)}).")
        if champion is None:
            return Verdict(True, f"The first of its kind; AUC over RFM {_said(floor)}.")
        if (
            champion.parameters["model"]["horizon_days"]
            != learned.parameters["model"]["horizon_days"]
        ):
            return Verdict(
                True, "The definition of churn changed; the old model answers another question."
            )
        return _duel(learned, champion, facts.panel())


def current_definition() -> ChurnDefinition:
    """What this shop means by leaving; made from the settings when nobody said it yet."""
    definition = ChurnDefinition.objects.first()
    if definition is None:
        definition = ChurnDefinition(
            pk=1,
            horizon_days=settings.CHURN_HORIZON_DAYS,
            audience_days=max(LOOK_BACK_DAYS, settings.CHURN_HORIZON_DAYS),
        )
    return definition


def asked(definition: ChurnDefinition) -> labels.ChurnDefinition:
    """The definition as learning takes it."""
    return labels.ChurnDefinition(
        horizon_days=definition.horizon_days,
        min_orders=definition.minimum_orders,
        active_within_days=definition.audience_days,
    )


def model_of(parameters: dict[str, Any], arrays: dict[str, Any]) -> ChurnModel:
    """The model in an artifact."""
    return ChurnModel.from_parts(arrays, parameters["model"])


def _bands(definition: ChurnDefinition, trained: TrainedChurn, panel: Panel) -> Bands:
    if definition.medium_from is not None and definition.high_from is not None:
        return Bands(medium=definition.medium_from, high=definition.high_from)
    test = outcome(panel, trained.model.definition, cut_off=trained.plan.test)
    return suggest_bands(trained.model.probability(_table(panel, test)))


def _table(panel: Panel, seen: Outcome) -> Any:
    return behaviour(panel, cut_off=seen.cut_off, customers=seen.customers)


def _duel(learned: Learned, champion: Champion, panel: Panel) -> Verdict:
    ours = model_of(dict(learned.parameters), learned.arrays)
    theirs = model_of(dict(champion.parameters), champion.arrays)
    test = outcome(panel, ours.definition, cut_off=learned.parameters["cut_offs"]["test"])
    table = _table(panel, test)
    gap = compare(
        test.lost,
        ours.probability(table),
        theirs.probability(table),
        metric="log_loss",
        rng=np.random.default_rng(SEED),
    )
    words = (
        f"log loss {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] against version"
        f" {champion.number}, on {len(test.lost):,} customers of a window neither learned from"
    )
    if gap.value < 0:
        return Verdict(True, f"Better: {words}.")
    if gap.value == 0:
        return Verdict(False, f"No different: {words}.")
    return Verdict(False, f"Not better: {words}.")


def _metrics(trained: TrainedChurn) -> dict[str, Any]:
    quality = trained.quality
    overall = {
        name: _estimate(getattr(quality.overall, name))
        for name in ("auc", "pr_auc", "brier", "log_loss", "ece", "lift")
    }
    return overall | {
        "base_rate": quality.overall.base_rate,
        "recency_auc": _estimate(quality.recency.auc),
        "rfm_auc": _estimate(quality.rfm.auc),
        "over_recency": _estimate(quality.over_recency),
        "over_rfm": _estimate(quality.over_rfm),
        "reliability": [
            {"n": b.n, "said": b.said, "happened": _estimate(b.happened)}
            for b in quality.overall.reliability
        ],
        "alarms": list(quality.alarms),
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _said(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:+.3f} [{estimate['low']:+.3f}, {estimate['high']:+.3f}]"


def _moment(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(day * SECONDS_A_DAY))
