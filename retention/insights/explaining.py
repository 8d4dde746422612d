"""What the serving churn model says of one customer, and what it would say of a changed one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from customers.models import Customer, Purpose
from retention.insights.artifacts import BrokenArtifact
from retention.insights.datasets import local_day, read_facts
from retention.insights.families.churn import bands_of, model_of
from retention.insights.models import Band, ChurnScore, Kind, ModelVersion
from retention.insights.models.churn import no_order_within
from retention.insights.serving import load_champion
from retention.learning.churn.asking import (
    HOPED,
    Judged,
    Smallest,
    judge,
    smallest_change,
    stars_of,
)
from retention.learning.churn.bands import Bands
from retention.learning.churn.following import SPECS, changed
from retention.learning.churn.following_orders import Facts
from retention.learning.churn.model import ChurnModel
from retention.learning.churn.one_customer import OneCustomer
from retention.present.templatetags.present import money

BANDS = (Band.LOW, Band.MEDIUM, Band.HIGH)


class NothingToExplain(Exception):
    """There is no score, no facts behind it, or no model that says why."""


@dataclass(frozen=True)
class Subject:
    """A customer as the model sees them: on the day of their score, so that both say the same."""

    customer: Customer
    known: OneCustomer
    model: ChurnModel
    bands: Bands
    version: ModelVersion

    @property
    def facts(self) -> Facts:
        return self.known.facts

    def judged(self, facts: Facts | None = None) -> Judged:
        """What the model says of them, or of somebody with these facts."""
        return judge(self.model, self.facts if facts is None else facts, money=money)

    def changed(self, asked: Facts) -> Facts:
        """Their facts with the asked ones changed. Raises UnknownFact, Impossible."""
        return changed(self.known, asked, stars=stars_of(self.model))

    def smallest_change(
        self, asked: Facts, *, below: float, among: Sequence[str] = HOPED
    ) -> Smallest | None:
        """The least that brings the risk below, from the asked facts on."""
        return smallest_change(
            self.model, self.known, below=below, asked=asked, among=among, money=money
        )

    def band(self, judged: Judged) -> Band:
        """The operator's word for a probability."""
        return BANDS[int(self.bands.of(np.array([judged.probability]))[0])]


def subject_of(customer: Customer) -> Subject:
    """The customer with what is known of them. Raises NothingToExplain."""
    score = ChurnScore.objects.consented().filter(customer=customer).first()
    if score is None:
        raise NothingToExplain(
            f"Customer {customer} has no score: they objected to being analysed, their last order"
            " is too long ago, or nothing was scored yet."
        )
    try:
        champion = load_champion(Kind.CHURN)
    except BrokenArtifact as broken:
        raise NothingToExplain(str(broken)) from broken
    if champion is None:
        raise NothingToExplain("No churn model serves. Train one under Models.")
    version, parameters, arrays = champion
    known = read_facts(purpose=Purpose.ANALYTICS, before=score.computed_at, of=customer.pk)
    if not len(known):
        raise NothingToExplain(f"Nothing that may be analysed is known of customer {customer}.")
    one = OneCustomer.of(known.panel(), 0, cut_off=local_day(score.computed_at))
    if np.isnan(one.facts["days_since_last_order"]):
        raise NothingToExplain(f"Customer {customer} has no order left that the model looks at.")
    model = model_of(parameters, arrays)
    return Subject(customer, one, model, bands_of(parameters), version)


def last_order_in_words(subject: Subject, now: Facts, *, already: Facts | None = None) -> str:
    """What a last order at another time is taken to mean; "" where it is as it was, or already."""
    before, after = (facts["days_since_last_order"] for facts in (subject.facts, now))
    if after in (before, (already or {}).get("days_since_last_order")):
        return ""
    days = SPECS["days_since_last_order"].say(after)
    if after > before:
        return f"As if nothing more had happened until the last order is {days} ago."
    usual = money(subject.known.usual_amount)
    said = f"As if they had ordered once more {days} ago, for what they usually spend ({usual})."
    alone = subject.judged(subject.known.silent_for(after))
    if alone.probability <= subject.judged().probability:
        return said
    asked = subject.model.definition
    meant = no_order_within(asked.horizon_days, asked.overdue_times)
    return (
        f"{said} That alone raises the risk, being that of {meant[0].lower()}{meant[1:]}: right"
        " after an order the next one is not due for a while."
    )
