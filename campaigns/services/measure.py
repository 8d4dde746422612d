from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from campaigns.models import Campaign, Measurement, Offer
from campaigns.selectors.outcomes import Outcomes, outcomes_of
from retention.learning.measure.experiments import split_check
from retention.learning.measure.intervals import (
    Estimate,
    Sample,
    mean_difference,
    share_difference,
)
from retention.learning.panel import BoolArray, FloatArray

FEWEST = 2
"""Below two customers an arm there is no variance, and so no interval."""
COSTS_KNOWN = 0.95
"""Margin is measured where the cost of at least this share of the revenue is known."""
Metric = Measurement.Metric


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
    until = min(at, last)
    outcomes = outcomes_of(campaign, until=until)
    details = {
        "complete": at >= last,
        "cost_known": outcomes.cost_known,
        "doubled": outcomes.doubled,
        "conflicts": outcomes.conflicts,
        "notes": _notes(outcomes),
    }
    with transaction.atomic():
        return [
            _written(campaign, figures, until, at, details)
            for compared in _comparisons(campaign, outcomes)
            for figures in _figures(outcomes, compared)
        ]


@dataclass(frozen=True)
class _Compared:
    """Some treated customers against the control; sample_ratio_p says if the split is as drawn."""

    offer: Offer | None
    treated: BoolArray
    sample_ratio_p: float


@dataclass(frozen=True)
class _Figures:
    """A metric of one comparison: the mean of each arm and the difference with its interval."""

    compared: _Compared
    metric: Metric
    treated: Sample
    control: Sample
    effect: Estimate


def _comparisons(campaign: Campaign, outcomes: Outcomes) -> Iterator[_Compared]:
    """All treated against the control, and each offer where there are several."""
    control, offers = campaign.control_share, list(campaign.offers.order_by("pk"))
    weights = sum(offer.share for offer in offers)
    groups = [(None, outcomes.treated, 1 - control)] + [
        (offer, outcomes.offer == offer.pk, (1 - control) * offer.share / weights)
        for offer in offers
        if len(offers) > 1
    ]
    for offer, treated, share in groups:
        counts = {"treated": int(treated.sum()), "control": int((~outcomes.treated).sum())}
        drawn = {"treated": share / (share + control), "control": control / (share + control)}
        if min(counts.values()) >= FEWEST:
            yield _Compared(offer, treated, split_check(counts, drawn))


def _figures(outcomes: Outcomes, compared: _Compared) -> Iterator[_Figures]:
    metrics: dict[Metric, FloatArray] = {
        Metric.KEPT: outcomes.kept.astype(np.float64),
        Metric.ORDERS: outcomes.orders.astype(np.float64),
        Metric.REVENUE: outcomes.revenue,
    }
    if outcomes.cost_known >= COSTS_KNOWN:
        metrics[Metric.MARGIN] = outcomes.margin
    for metric, values in metrics.items():
        treated = Sample.of(values[compared.treated])
        control = Sample.of(values[~outcomes.treated])
        effect = (
            share_difference(
                int(values[compared.treated].sum()),
                treated.n,
                int(values[~outcomes.treated].sum()),
                control.n,
            )
            if metric == Metric.KEPT
            else mean_difference(treated, control)
        )
        yield _Figures(compared, metric, treated, control, effect)


def _written(
    campaign: Campaign, figures: _Figures, until: datetime, at: datetime, details: dict[str, Any]
) -> Measurement:
    row, _ = Measurement.objects.update_or_create(
        campaign=campaign,
        offer=figures.compared.offer,
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
            "sample_ratio_p": figures.compared.sample_ratio_p,
            "measured_at": at,
            "details": details,
        },
    )
    return row


def _notes(outcomes: Outcomes) -> list[str]:
    """What a reader should know of the figures."""
    notes = []
    if outcomes.erased:
        notes.append(
            f"{outcomes.erased:,} customers were forgotten at their wish; they are in no arm."
        )
    if outcomes.doubled:
        notes.append(_doubled_words(outcomes))
    if outcomes.cost_known < COSTS_KNOWN:
        notes.append(
            f"Costs are known for {outcomes.cost_known:.0%} of the revenue, so margin is not"
            f" measured; it needs {COSTS_KNOWN:.0%}."
        )
    elif outcomes.cost_known < 1:
        notes.append(
            f"Costs are known for {outcomes.cost_known:.0%} of the revenue; the rest is taken to"
            " cost as much."
        )
    return notes


def _doubled_words(outcomes: Outcomes) -> str:
    if outcomes.doubled == 1:
        group = "into another group" if outcomes.conflicts else "into the same group"
        who = f"1 customer was drawn twice, {group} the second time"
    else:
        who = (
            f"{outcomes.doubled:,} customers were drawn twice, {outcomes.conflicts:,} of them into"
            " another group the second time"
        )
    return (
        f"{who}: under two ids that were merged since. The earlier draw counts, with all that both"
        " ids bought; the later one is left out."
    )
