"""What the serving churn model says of one customer, and what it would say of a changed one."""

from dataclasses import dataclass

import numpy as np
from django.conf import settings

from customers.models import Customer, Purpose
from retention.insights.artifacts import BrokenArtifact
from retention.insights.datasets import local_day, read_facts
from retention.insights.families.churn import bands_of, model_of
from retention.insights.models import Band, ChurnScore, Kind, ModelVersion
from retention.insights.serving import load_champion
from retention.learning.churn.asking import Judged, facts_in, judge, stars_of
from retention.learning.churn.bands import Bands
from retention.learning.churn.features import behaviour
from retention.learning.churn.following import changed
from retention.learning.churn.following_orders import Facts
from retention.learning.churn.model import ChurnModel
from retention.present.templatetags.present import money

BANDS = (Band.LOW, Band.MEDIUM, Band.HIGH)


class NothingToExplain(Exception):
    """There is no score, no facts behind it, or no model that says why."""


@dataclass(frozen=True)
class Subject:
    """A customer as the model sees them: on the day of their score, so that both say the same."""

    customer: Customer
    facts: Facts
    model: ChurnModel
    bands: Bands
    version: ModelVersion

    def judged(self, facts: Facts | None = None) -> Judged:
        """What the model says of them, or of somebody with these facts."""
        return judge(self.model, self.facts if facts is None else facts, money=said_money)

    def changed(self, asked: Facts) -> Facts:
        """Their facts with the asked ones changed. Raises UnknownFact, Impossible."""
        return changed(self.facts, asked, stars=stars_of(self.model))

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
    table = behaviour(known.panel(), cut_off=local_day(score.computed_at), to_tell=True)
    (facts,) = facts_in(table)
    if np.isnan(facts["days_since_last_order"]):
        raise NothingToExplain(f"Customer {customer} has no order left that the model looks at.")
    model = model_of(parameters, arrays)
    return Subject(customer, facts, model, bands_of(parameters), version)


def said_money(minor: float) -> str:
    """An amount in the shop's currency."""
    return money(minor, settings.SHOP_CURRENCY)
