"""A family of models that learns what it is told to: for tests of what goes on around learning."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from retention.insights import artifacts
from retention.insights.datasets import Facts
from retention.insights.families.family import (
    Champion,
    Learned,
    Progress,
    TooLittle,
    Verdict,
)
from retention.insights.models import ModelVersion
from tests import make
from tests.make import NOW

LEARNED = Learned(
    parameters={"depth": 3},
    arrays={"weights": np.array([0.5, 1.5])},
    metrics={"auc": {"value": 0.8, "low": 0.7, "high": 0.9}},
    row_counts={"events": 1000, "customers": 100},
    window=(NOW, NOW),
)


@dataclass
class Toy:
    """learns : the outcome, or what to do instead. good : whether the gate lets it serve."""

    learns: Learned | TooLittle | Callable[[], Learned] = LEARNED
    good: bool = True
    purpose: str = "ANALYTICS"
    rivals: list[Champion | None] = field(default_factory=list)

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        return self.learns() if callable(self.learns) else self.learns

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        self.rivals.append(champion)
        return Verdict(self.good, "Better." if self.good else "Worse.")


def of_rows(events: int) -> Learned:
    return replace(LEARNED, row_counts={"events": events, "customers": 100})


def version(**fields: Any) -> ModelVersion:
    """A version whose artifact is really there."""
    stored = artifacts.store("toy", parameters={"depth": 3}, arrays=LEARNED.arrays)
    if "run" not in fields:
        kind = fields.get("kind", "CHURN")
        fields["run"] = make.training_run(kind=kind, row_counts=dict(LEARNED.row_counts))
    return make.model_version(path=stored.path, checksum=stored.checksum, **fields)
