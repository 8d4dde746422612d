from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, Measurement
from campaigns.selectors.answers import answers_of
from campaigns.selectors.comparing import Comparison, Figures, compare
from campaigns.selectors.outcomes import outcomes_of
from campaigns.selectors.own_time import measured_part


class NotLaunched(Exception):
    """Nobody was assigned yet, so there is nothing to measure."""


def measure_campaign(campaign_id: int, *, at: datetime) -> list[Measurement]:
    """What a campaign changed up to now, or up to its last day: by intention to treat, every
    customer in the arm they were drawn into, whatever became of their coupon.

    Measured again for the same moment, the rows are replaced: facts may come late.
    Raises NotLaunched.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    last = campaign.measures_until
    if last is None:
        raise NotLaunched(f"{campaign.name!r} was not launched: there is nothing to measure.")
    if campaign.is_general:
        return []  # Nobody was drawn, so there is nobody to compare with.
    until = min(at, last)
    outcomes = outcomes_of(campaign, until=until)
    elapsed = measured_part(campaign, len(outcomes), at=until)
    found = compare(campaign, outcomes, elapsed=elapsed)
    details = {
        "complete": at >= last,
        "cost_known": outcomes.cost_known,
        "doubled": outcomes.doubled,
        "conflicts": outcomes.conflicts,
        "notes": list(found.notes),
    }
    answers = answers_of(campaign, outcomes) if details["complete"] else []
    with transaction.atomic():
        written = [
            _written(
                campaign, one, until, at, details | _beside(found, one) | _taught(answers, one)
            )
            for one in found.figures
        ]
        same = campaign.measurements.filter(measured_until=until)
        # A metric that late facts leave too little known of, as the margin of unknown costs.
        same.exclude(pk__in=[row.pk for row in written]).delete()
    return written


def _taught(answers: list[list[float]], one: Figures) -> dict[str, Any]:
    """What is learned from, beside the customers kept of all treated."""
    kept = one.offer is None and one.metric == Measurement.Metric.KEPT
    return {"answers": answers} if kept else {}


def _beside(found: Comparison, one: Figures) -> dict[str, Any]:
    """What is kept beside a metric: of an offer its chance to be the best, else the groups."""
    if one.offer is not None:
        return {"best": one.best}
    groups = [
        {
            "by": part.by,
            "name": part.name,
            "treated": part.figures.treated.n,
            "control": part.figures.control.n,
            "treated_mean": part.figures.treated.mean,
            "control_mean": part.figures.control.mean,
            "effect": part.figures.effect.value,
            "low": part.figures.effect.low,
            "high": part.figures.effect.high,
        }
        for part in found.groups
        if part.figures.metric == one.metric
    ]
    return {"groups": groups, "differs": found.differs}


def _written(
    campaign: Campaign, figures: Figures, until: datetime, at: datetime, details: dict[str, Any]
) -> Measurement:
    row, _ = Measurement.objects.update_or_create(
        campaign=campaign,
        offer=figures.offer,
        metric=figures.metric,
        measured_until=until,
        defaults={
            "treated_count": figures.treated.n,
            "control_count": figures.control.n,
            "treated_mean": figures.treated.mean,
            "control_mean": figures.control.mean,
            "effect": figures.effect.value,
            "ci_low": figures.effect.low,
            "ci_high": figures.effect.high,
            "sample_ratio_p": figures.sample_ratio_p,
            "measured_at": at,
            "details": details | {"reduction": figures.reduction, "level": figures.effect.level},
        },
    )
    return row
