"""How far what an offer is expected to change can be believed, by what past campaigns kept."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from django.db.models import Avg, F

from campaigns.models import Assignment, Campaign, Measurement
from retention.insights.models import Kind, ModelVersion
from retention.learning.decide.priority import ResponsePrior
from retention.learning.measure.intervals import z_of
from retention.learning.measure.pooling import pooled

ASSUMED_ERROR = 0.5
"""An assumed response may as well be nothing, or twice as large: two standard errors."""


@dataclass(frozen=True)
class Response:
    """What is really changed, as a multiple of what is expected: between `low` and `high`.

    basis : UPLIFT measured on held-out customers; PAST campaigns against the assumption; ASSUMED.
    campaigns : measured ones that say so.
    """

    basis: str
    value: float
    low: float
    high: float
    campaigns: int


def response_of(*, measured: bool, depth: float | None) -> Response:
    """measured : whether every customer's uplift is. depth : part of an order that the coupons of
    past campaigns took off."""
    if measured and (uplift := _of_uplift()) is not None:
        return uplift
    past = _past(depth)
    precision, weighted = 1 / ASSUMED_ERROR**2, 1 / ASSUMED_ERROR**2
    if past:
        found = pooled(*(np.array(column) for column in zip(*past, strict=True)))
        error = (found.high - found.low) / 2 / z_of(0.95)
        precision, weighted = precision + 1 / error**2, weighted + found.value / error**2
    value, half = weighted / precision, z_of(0.95) / sqrt(precision)
    return Response("PAST" if past else "ASSUMED", value, value - half, value + half, len(past))


def uplift_champion() -> ModelVersion | None:
    """The model that says whom a coupon changes, with its exam, where one serves."""
    serving = ModelVersion.objects.filter(kind=Kind.UPLIFT, state="CHAMPION")
    return serving.select_related("run").first()


def _of_uplift() -> Response | None:
    """The mean effect on held-out customers, against itself."""
    version = uplift_champion()
    if version is None or version.run.metrics["effect"]["value"] <= 0:
        return None
    effect, campaigns = version.run.metrics["effect"], int(version.run.metrics["campaigns"])
    mean = effect["value"]
    return Response("UPLIFT", 1.0, effect["low"] / mean, effect["high"] / mean, campaigns)


def _past(depth: float | None) -> list[tuple[float, float]]:
    """Of each campaign that was measured whole: customers kept as a multiple of what the
    assumption said, and its standard error."""
    prior = ResponsePrior()
    slope = prior.at_full_risk - prior.at_no_risk
    deeper = 1.0 if depth is None else float(prior.deeper(np.array(depth)))
    risk = F("churn_probability")
    treated = Assignment.objects.filter(arm=Assignment.Arm.TREATMENT, churn_probability__gt=0)
    said = treated.values_list("campaign").annotate(
        kept=Avg(risk * (prior.at_no_risk + slope * risk))
    )
    assumed: dict[int, float] = dict(said)
    rows = Measurement.objects.filter(
        metric=Measurement.Metric.KEPT,
        offer=None,
        campaign__state=Campaign.State.COMPLETED,
        details__complete=True,
    )
    found = []
    for row in rows.order_by("campaign", "measured_until"):
        one = assumed.get(row.campaign_id, 0.0) * deeper
        error = (row.ci_high - row.ci_low) / 2 / z_of(float(row.details.get("level", 0.95)))
        if one > 0 and error > 0:
            found.append((row.effect / one, error / one))
    return found
