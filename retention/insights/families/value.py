"""What customers will spend: models of orders and amounts, the one that forecast best serves."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import Facts, local_day
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.learning.value.model import LEVEL, ValueModel
from retention.learning.value.rivals import SIMPLEST
from retention.learning.value.training import Sat, TrainedValue, ValueShortage, train_value

SEED = 1
OFF_LEVEL = 0.25
"""Beyond this share too much or too little in all, an alarm says so."""


class ValueFamily:
    """Own pace, BG/NBD, Pareto/NBD and what corrects it; see docs/algorithms/value.md."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Let the rivals forecast the end of the history from before it, and learn the best."""
        if not len(facts):
            return TooLittle("Needs orders of customers, has none yet.")
        trained = train_value(
            facts.panel(),
            cut_off=local_day(at),
            rng=np.random.default_rng(SEED),
            progress=progress,
        )
        if isinstance(trained, ValueShortage):
            return TooLittle(trained.words)
        alarms = _alarms(trained)
        return Learned(
            parameters={
                "model": trained.model.meta(),
                "chosen": trained.chosen.key,
                "exam": asdict(trained.plan),
            },
            arrays=trained.model.arrays(),
            metrics=_metrics(trained) | {"alarms": alarms},
            row_counts={"events": len(facts), "customers": trained.customers},
            window=facts.window,
            message=" ".join(alarms),
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Numbers, and forecasts that tell customers apart; then the newest serves.

        Every training holds the exams again for all rivals, the serving one's method among them.
        """
        if broken := not_numbers(learned.arrays):
            return Verdict(False, f"Its {broken} are not all numbers.")
        metrics = learned.metrics
        if not metrics["over_mean"]["high"] < 0:
            return Verdict(
                False,
                "Forecasts no better than the same number for everyone: its error is "
                f"{_change(metrics['over_mean'])} of that.",
            )
        return Verdict(True, _why(metrics, learned.parameters["chosen"]))


def value_model_of(parameters: Mapping[str, Any], arrays: dict[str, Any]) -> ValueModel:
    """The model in an artifact."""
    return ValueModel.from_parts(arrays, parameters["model"])


def _why(metrics: Mapping[str, Any], chosen: str) -> str:
    """Which serves and why, in one sentence."""
    sat = {one["key"]: one for one in metrics["rivals"]}
    best, pace = sat[chosen], sat[SIMPLEST]
    said = f"Of {len(sat)} ways, {best['name']} missed orders in {metrics['exam_days']} days least"
    if chosen == SIMPLEST:
        return f"{said}: by typically {best['rmse']:.2f} a customer."
    over = best["over_pace"]
    beyond = "beyond chance" if over["high"] < 0 else "which may be chance"
    return (
        f"{said}: by typically {best['rmse']:.2f} a customer against {pace['rmse']:.2f} "
        f"at their {pace['name']}, {_change(over)}, {beyond}."
    )


def _alarms(trained: TrainedValue) -> list[str]:
    bias, covered = trained.chosen.bias, trained.covered
    found = []
    if abs(bias) > OFF_LEVEL:
        found.append(
            f"In all it expected {abs(bias):.0%} {'more' if bias > 0 else 'fewer'} orders than "
            "came: a season or a change of the shop. The order of the customers still holds."
        )
    if covered.high < LEVEL - 0.05:
        found.append(
            f"Its bounds are too narrow: {covered.value:.0%} of customers spent between them, "
            f"{LEVEL:.0%} were to."
        )
    return found


def _metrics(trained: TrainedValue) -> dict[str, Any]:
    return {
        "rmse": trained.chosen.rmse,
        "bias": trained.chosen.bias,
        "top_tenth": trained.chosen.top,
        "over_pace": trained.chosen.over_pace.as_json(),
        "over_mean": trained.over_mean.as_json(),
        "covered": trained.covered.as_json(),
        "order_off": trained.order_off,
        "exam_days": round(trained.plan.days),
        "rivals": [_sat(one) for one in trained.sat],
    }


def _sat(one: Sat) -> dict[str, Any]:
    return asdict(one) | {"name": one.name, "over_pace": one.over_pace.as_json()}


def _change(over: Mapping[str, float]) -> str:
    return f"{_signed(over['value'])} [{_signed(over['low'])}, {_signed(over['high'])}]"


def _signed(share: float) -> str:
    return f"{share:+.1%}".replace("-", "−")
