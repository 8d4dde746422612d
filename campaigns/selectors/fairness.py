"""Whether customers are chosen as often, and promised as much, whatever group they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.conf import settings

from campaigns.selectors.audience import Audience
from customers.models import Customer
from retention.learning.measure.fairness import is_unfair, selection_ratio
from retention.learning.panel import FloatArray, IntArray
from retention.present.groups import FEWEST

LABELS: Final = {"locale": "Language", "timezone": "Time zone"}
"""What operators may have watched, by its field: FAIRNESS_ATTRIBUTES."""
OTHERS, NOT_GIVEN = "All others", "Not given"


@dataclass(frozen=True)
class GroupRate:
    """Of the customers of the band or segment who share an attribute: how many are chosen.

    ratio, low, high : their rate as a share of everybody else's, with its 95 % interval.
    promised : the most a coupon takes off, on average of those who get one, minor units; None
    where nobody gets one. unfair : below four fifths, beyond chance.
    """

    by: str
    name: str
    customers: int
    chosen: int
    ratio: float
    low: float
    high: float
    promised: int | None
    unfair: bool


def fairness_of(audience: Audience) -> tuple[GroupRate, ...]:
    """Every group of FEWEST and more, by each attribute that is watched; others are one."""
    everyone = audience.candidates.customer
    chosen = np.isin(everyone, audience.chosen.customer)
    coupons, promised = np.zeros(len(everyone)), np.zeros(len(everyone))
    place = {pk: row for row, pk in enumerate(everyone.tolist())}
    rows = [place[pk] for pk in audience.chosen.customer.tolist()]
    coupons[rows] = audience.given.sum(axis=1)
    promised[rows] = audience.given @ [offer.maximum_discount for offer in audience.offers]
    found: list[GroupRate] = []
    for by in settings.FAIRNESS_ATTRIBUTES:
        found += _rates(
            LABELS[by], _named(by, everyone), chosen.astype(np.float64), coupons, promised
        )
    return tuple(found)


def _named(by: str, everyone: IntArray) -> list[str]:
    said = dict(Customer.objects.exclude(**{by: ""}).values_list("pk", by))
    return [said.get(pk, NOT_GIVEN) for pk in everyone.tolist()]


def _rates(
    by: str, names: list[str], chosen: FloatArray, coupons: FloatArray, promised: FloatArray
) -> Iterator[GroupRate]:
    values, label, counts = np.unique(
        np.array(names, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    groups = {str(values[row]): label == row for row in range(len(values)) if counts[row] >= FEWEST}
    rest = ~np.logical_or.reduce([np.zeros(len(names), dtype=bool), *groups.values()])
    if int(rest.sum()) >= FEWEST:
        groups[OTHERS] = rest
    if len(groups) < 2 or not chosen.any():
        return
    for name, mine in groups.items():
        ratio = selection_ratio(
            int(chosen[mine].sum()), int(mine.sum()), int(chosen[~mine].sum()), int((~mine).sum())
        )
        paid = float(coupons[mine].sum())
        yield GroupRate(
            by=by,
            name=name,
            customers=int(mine.sum()),
            chosen=int(chosen[mine].sum()),
            ratio=ratio.value,
            low=ratio.low,
            high=ratio.high,
            promised=round(float(promised[mine].sum()) / paid) if paid else None,
            unfair=is_unfair(ratio),
        )
