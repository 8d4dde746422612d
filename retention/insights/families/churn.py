"""Who is about to leave, by the shop's own definition: an additive model with exact reasons."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import Facts
from retention.insights.definition import current_definition
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.insights.judged import Figure, in_brackets
from retention.insights.models import ChurnDefinition
from retention.insights.models.churn import no_order_within
from retention.learning.churn import labels
from retention.learning.churn.bands import Bands, suggest_bands
from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import DataShortage, Outcome, outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.training import TrainedChurn, train_churn
from retention.learning.churn.watching import reference_of
from retention.learning.features import FeatureTable
from retention.learning.measure.classification import Quality, compare
from retention.learning.measure.intervals import Estimate
from retention.learning.panel import BoolArray, Panel

SEED = 1
CLEARLY: Final = 2
"""So many half intervals above chance: at one, one of forty models of nothing would serve; at two
none of 500 did."""
WORST_ECE: Final = 0.2
"""Beyond this a probability misleads, whatever the season; below it an alarm says so."""


class ChurnFamily:
    """Additive logistic regression on behaviour; see docs/algorithms/churn.md."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Train on several cut-offs, choose how smoothly on a later one, measure on the latest."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        panel = facts.panel()
        trained = train_churn(
            panel,
            asked(current_definition()),
            rng=np.random.default_rng(SEED),
            progress=progress,
        )
        if isinstance(trained, DataShortage):
            return TooLittle(str(trained))
        table = _table(panel, outcome(panel, trained.model.definition, cut_off=trained.plan.test))
        return Learned(
            parameters={
                "model": trained.model.meta(),
                "bands": asdict(suggest_bands(trained.model.probability(table))),
                "smoothing": trained.smoothing,
                "cut_offs": asdict(trained.plan),
            },
            arrays=trained.model.arrays() | reference_of(trained.model, table).arrays(),
            metrics=_metrics(trained) | {"drivers": _drivers(trained.model, table)},
            row_counts={
                "events": len(facts),
                "customers": len(facts.customers),
                "training_rows": trained.rows,
                "test_customers": trained.quality.overall.n,
            },
            window=facts.window,
            message="; ".join(trained.quality.alarms),
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Sound, better than chance and rules of thumb, and better than the serving model on
        customers neither has seen."""
        if broken := not_numbers(learned.arrays, unless=["audience_typical"]):
            return Verdict(False, f"Its {broken} are not all numbers.")
        if other := another_meaning(learned.parameters):
            return Verdict(False, other)
        exam = _exam(learned, facts.panel())
        if refusal := _unsound(learned, exam) or _worse_than_a_rule(learned.metrics):
            return Verdict(False, refusal)
        if champion is None:
            return Verdict(True, f"The first of its kind. {_over_rfm(learned.metrics['over_rfm'])}")
        if _definition(champion.parameters) != _definition(learned.parameters):
            return Verdict(
                True, "The definition of churn changed; the old model answers another question."
            )
        return _duel(learned, champion, exam)


def asked(definition: ChurnDefinition) -> labels.ChurnDefinition:
    """The definition as learning takes it."""
    return labels.ChurnDefinition(
        horizon_days=definition.horizon_days,
        min_orders=definition.minimum_orders,
        active_within_days=definition.audience_days,
        overdue_times=definition.overdue_times,
    )


def another_meaning(parameters: Mapping[str, Any]) -> str:
    """How what a model calls leaving is not what the shop calls so now, "" where it is."""
    if "model" not in parameters:
        return ""
    learned, now = _definition(parameters), asked(current_definition())
    today = now.horizon_days, now.overdue_times, now.min_orders, now.active_within_days
    if learned == today:
        return ""
    return f"It learned “{_meaning(*learned)}”; leaving now means “{_meaning(*today)}”."


def _meaning(days: int, times: float | None, orders: int, audience: int) -> str:
    return (
        f"{no_order_within(days, times)}, of customers with {orders} or more orders, the last at"
        f" most {audience} days ago"
    )


def model_of(parameters: dict[str, Any], arrays: dict[str, Any]) -> ChurnModel:
    """The model in an artifact."""
    return ChurnModel.from_parts(arrays, parameters["model"])


def bands_of(parameters: Mapping[str, Any]) -> Bands:
    """The operator's thresholds, or those that the model suggests where nobody set any."""
    definition = current_definition()
    if definition.medium_from is not None and definition.high_from is not None:
        return Bands(medium=definition.medium_from, high=definition.high_from)
    return Bands(**parameters["bands"])


def _table(panel: Panel, seen: Outcome) -> FeatureTable:
    return behaviour(panel, cut_off=seen.cut_off, customers=seen.customers)


def _definition(parameters: Mapping[str, Any]) -> tuple[int, float | None, int, int]:
    meta = parameters["model"]
    days = meta["horizon_days"], meta.get("overdue_times")
    return *days, meta["min_orders"], meta["active_within_days"]


@dataclass(frozen=True)
class Exam:
    """The newest window whose outcome is known: what was seen of its customers, who was lost."""

    table: FeatureTable
    lost: BoolArray


def _exam(learned: Learned, panel: Panel) -> Exam:
    definition = model_of(dict(learned.parameters), dict(learned.arrays)).definition
    test = outcome(panel, definition, cut_off=learned.parameters["cut_offs"]["test"])
    return Exam(_table(panel, test), test.lost)


def _unsound(learned: Learned, exam: Exam) -> str:
    """Why its answers are no probabilities, "" where they are."""
    said = model_of(dict(learned.parameters), dict(learned.arrays)).probability(exam.table)
    missing = int((~np.isfinite(said)).sum())
    if missing:
        return f"Has no probability for {missing:,} of {len(said):,} customers."
    if len(said) and np.ptp(said) == 0:
        return f"Says {said[0]:.0%} of everyone: it tells nobody apart."
    return ""


def _worse_than_a_rule(metrics: Mapping[str, Any]) -> str:
    """Why a coin or RFM would do as well, "" where they would not; nan counts as worse."""
    auc, over_rfm, ece = metrics["auc"], metrics["over_rfm"], metrics["ece"]["value"]
    if not auc["value"] - 0.5 > CLEARLY * (auc["value"] - auc["low"]):
        return f"Does not rank customers clearly better than chance: AUC {_interval(auc)}."
    if not over_rfm["high"] >= 0:
        return f"Ranks customers worse than RFM (AUC {in_brackets(over_rfm)})."
    if not ece <= WORST_ECE:
        return f"Its probabilities miss what happened by {ece:.0%} on average."
    return ""


def _duel(learned: Learned, champion: Champion, exam: Exam) -> Verdict:
    """Log loss, which ranks and calibrates in one: who is lower serves, and is called better
    only where the interval says so."""
    ours = model_of(dict(learned.parameters), dict(learned.arrays))
    theirs = model_of(dict(champion.parameters), dict(champion.arrays))
    if not set(theirs.features) <= set(exam.table.names):
        return Verdict(True, f"Version {champion.number} needs features that are gone.")
    gap = compare(
        exam.lost,
        ours.probability(exam.table),
        theirs.probability(exam.table),
        metric="log_loss",
        rng=np.random.default_rng(SEED),
    )
    said = _duel_in_words(gap, than=f"version {champion.number}")
    figure = in_brackets(gap.as_json(), 4)
    return Verdict(
        gap.value < 0,
        f"{said} on {len(exam.lost):,} customers of days that neither learned from"
        f" (log loss {figure}, below 0 is better).",
    )


def _duel_in_words(gap: Estimate, *, than: str) -> str:
    if gap.value == 0:
        return f"No different from {than}: its risks are the same"
    if gap.low <= 0 <= gap.high:
        kept = "this one serves, as it is newer" if gap.value < 0 else f"{than} stays"
        return f"About as good as {than}, so {kept}: the difference may be chance,"
    better, nearer = ("Better", "nearer to") if gap.value < 0 else ("Worse", "further from")
    return f"{better} than {than}: its risks were {nearer} what happened,"


def _over_rfm(gap: Figure) -> str:
    ranks = "better than" if gap["low"] > 0 else "about as well as"
    return f"It tells who leaves from who stays {ranks} RFM does (AUC {in_brackets(gap)})."


def _metrics(trained: TrainedChurn) -> dict[str, Any]:
    quality = trained.quality
    overall = {
        name: getattr(quality.overall, name).as_json()
        for name in ("auc", "pr_auc", "brier", "log_loss", "ece", "lift")
    }
    return overall | {
        "base_rate": quality.overall.base_rate,
        "recency_auc": quality.recency.auc.as_json(),
        "rfm_auc": quality.rfm.auc.as_json(),
        "over_recency": quality.over_recency.as_json(),
        "over_rfm": quality.over_rfm.as_json(),
        "reliability": reliability_of(quality.overall),
        "by_group": [
            {
                "kind": of.kind,
                "group": of.group,
                "n": of.n,
                "said": of.said,
                "happened": of.happened.as_json(),
                "auc": of.auc.as_json(),
            }
            for of in quality.groups
        ],
        "alarms": list(quality.alarms),
    }


def _drivers(model: ChurnModel, table: FeatureTable) -> list[dict[str, Any]]:
    """How much each feature moves a customer of the exam, mean log-odds, the strongest first."""
    effects = np.abs(model.contributions(table)).mean(axis=0).tolist()
    named = zip(model.features, effects, strict=True)
    return [
        {"feature": name, "effect": effect} for name, effect in sorted(named, key=lambda d: -d[1])
    ]


def reliability_of(quality: Quality) -> list[dict[str, Any]]:
    """The reliability curve as JSON."""
    return [
        {"n": b.n, "said": b.said, "happened": b.happened.as_json()} for b in quality.reliability
    ]


def _interval(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"
