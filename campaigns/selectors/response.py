"""What is believed of an offer before a campaign: what is assumed, moved by every measured one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

import numpy as np
from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Measurement
from retention.insights.models import Kind, ModelVersion
from retention.learning.decide.pooled import Answers, Shift
from retention.learning.measure.intervals import z_of

COLUMNS: Final = ("risk", "strength", "customers", "kept", "used")


@dataclass(frozen=True)
class Belief:
    """What an offer does: by how much it changes the odds of an order, and what the uplift models
    measured of whom they know.

    campaigns : measured ones that it rests on. uplift_strength : of the coupons whose uplift was
    measured, times: what is added as a multiple of it, with its standard error; None where no
    uplift serves.
    """

    shift: Shift
    campaigns: int
    uplift_strength: float = 1.0
    times: float = 1.0
    times_error: float | None = None

    @property
    def basis(self) -> str:
        """UPLIFT measured on held-out customers; PAST campaigns and what is assumed; ASSUMED."""
        if self.times_error is not None:
            return "UPLIFT"
        return "PAST" if self.campaigns else "ASSUMED"

    def hopeful(self) -> Self:
        """With the benefit of the doubt, as it decides whether to send; less with each campaign."""
        return replace(self, shift=self.shift.hopeful())

    def one_error_off(self) -> Iterator[Self]:
        """One standard error off in each way in which it can be wrong by itself."""
        for shift in self.shift.one_error_off():
            yield replace(self, shift=shift)
        if self.times_error is not None:
            yield replace(self, times=self.times + self.times_error)

    def response(self) -> "Response":
        """What the ranges rest on, in numbers for people."""
        half = z_of(0.95) * (self.times_error or 0.0)
        if self.basis == "UPLIFT":
            ends = (self.times, self.times - half, self.times + half)
        else:
            off = z_of(0.95)
            low, high = (self.shift.better(errors).odds_ratio for errors in (-off, off))
            ends = (self.shift.odds_ratio, low, high)
        return Response(self.basis, *ends, campaigns=self.campaigns)


@dataclass(frozen=True)
class Response:
    """value, between low and high: by which an offer of 15 % off multiplies the odds of an order;
    with UPLIFT what is added as a multiple of what is expected."""

    basis: str
    value: float
    low: float
    high: float
    campaigns: int


def belief_of(*, uplift_known: bool, uplift_strength: float) -> Belief:
    """uplift_known : whether that of every customer is; uplift_strength : of past coupons."""
    rows, campaigns = _answers()
    table = np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS))
    belief = Belief(
        Shift.learned(Answers(*table.T)),
        campaigns,
        uplift_strength=uplift_strength,
    )
    version = uplift_champion() if uplift_known else None
    if version is None or version.run.metrics["effect"]["value"] <= 0:
        return belief
    effect = version.run.metrics["effect"]
    error = (effect["high"] - effect["low"]) / 2 / z_of(0.95) / effect["value"]
    return replace(belief, times_error=error, campaigns=int(version.run.metrics["campaigns"]))


def uplift_champion(*, at: datetime | None = None) -> ModelVersion | None:
    """The model that says whom a coupon changes, with its exam, where one serves.

    at : a moment of the past, of which only versions are known that were not put back since.
    """
    known = ModelVersion.objects.filter(kind=Kind.UPLIFT).select_related("run")
    if at is None:
        return known.filter(state="CHAMPION").first()
    until = Q(archived_at=None) | Q(archived_at__gt=at)
    return known.filter(until, promoted_at__lte=at).first()


def measured_before(at: datetime) -> int:
    """Campaigns that had taught what offers change by then."""
    kept = _whole().filter(measured_until__lte=at).values_list("campaign", "details__answers")
    return len({campaign for campaign, answers in kept if answers})


def _answers() -> tuple[list[list[Any]], int]:
    """Rows of COLUMNS of every campaign that was measured to its last day, and how many gave any;
    of one that was measured so twice, the newest."""
    kept = _whole().order_by("measured_until").values_list("campaign", "details__answers")
    newest = {campaign: answers for campaign, answers in kept if answers}
    return [row for answers in newest.values() for row in answers], len(newest)


def _whole() -> QuerySet[Measurement]:
    return Measurement.objects.filter(
        metric=Measurement.Metric.KEPT,
        offer=None,
        campaign__state=Campaign.State.COMPLETED,
        details__complete=True,
    )
