"""The first in line of a preview: their numbers, and who they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from customers.models import Customer
from retention.insights.models import ChurnScore, SendTime
from retention.insights.publishing import known
from retention.learning.panel import FloatArray

from .audience import Audience

SHOWN = 10


@dataclass(frozen=True)
class Ranked:
    """One of the best ranked, as numbers."""

    id: int
    chance_without: float | None
    chance_with: float | None
    gain: int
    offer: str
    occasion: str


@dataclass(frozen=True)
class FirstCustomer:
    """One of the best ranked, and why the score says so. Money in minor units.

    gain : expected to be earned. offer : the one that is worth most for them; empty where the lot
    decides. chance_without, chance_with : of an order within the days measured; with what the lot
    draws on average where it decides. None without a score.
    occasion : what triggered it; empty without a trigger.
    """

    id: int
    external_id: str
    called: str
    churn_probability: float | None
    predicted_clv: int | None
    chance_without: float | None
    chance_with: float | None
    uplift: float | None
    gain: int
    offer: str
    occasion: str
    reasons: list[dict[str, Any]]
    send_time: SendTime | None


def ranked(audience: Audience) -> tuple[Ranked, ...]:
    """The best, in whichever arm: who is in which is not shown before the launch."""
    first = audience.chosen.of(slice(SHOWN))
    columns = zip(
        first.customer.tolist(),
        audience.worth.without[:SHOWN].tolist(),
        _chances_with(audience)[:SHOWN].tolist(),
        np.nan_to_num(audience.gain[:SHOWN]).tolist(),
        audience.intended[:SHOWN].tolist(),
        first.occasion,
        strict=True,
    )
    return tuple(
        Ranked(
            id=pk,
            chance_without=known(without),
            chance_with=known(offered),
            gain=round(gain),
            offer="" if audience.gap is None else audience.offers[intended].name,
            occasion=occasion,
        )
        for pk, without, offered, gain, intended, occasion in columns
    )


def told(first: Iterable[Ranked]) -> tuple[FirstCustomer, ...]:
    """Who they are by now; who was erased since is left out."""
    who = [one.id for one in first]
    scores = {score.customer_id: score for score in ChurnScore.objects.filter(customer__in=who)}
    people = Customer.objects.filter(pk__in=who).named().in_bulk()
    times = {time.customer_id: time for time in SendTime.objects.filter(customer__in=who)}
    return tuple(
        FirstCustomer(
            id=one.id,
            external_id=people[one.id].external_id,
            called=people[one.id].called,
            churn_probability=score.churn_probability if score else None,
            predicted_clv=score.predicted_clv if score else None,
            chance_without=one.chance_without,
            chance_with=one.chance_with,
            uplift=score.uplift if score else None,
            gain=one.gain,
            offer=one.offer,
            occasion=one.occasion,
            reasons=score.reasons if score else [],
            send_time=times.get(one.id),
        )
        for one in first
        if one.id in people
        for score in [scores.get(one.id)]
    )


def _chances_with(audience: Audience) -> FloatArray:
    """(n,) of an order with the offer that is worth most, or on average with what may be drawn."""
    offered = audience.worth.offered
    if audience.gap is not None:
        best: FloatArray = offered[np.arange(len(offered)), audience.intended]
        return best
    shares = np.array([offer.share for offer in audience.offers], dtype=np.float64)
    drawn: FloatArray = offered @ (shares / shares.sum())
    return drawn
