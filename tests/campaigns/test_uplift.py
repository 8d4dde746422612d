"""Whom a coupon changes: learned from measured campaigns, and used where it is better than risk."""

from datetime import datetime, timedelta
from math import sqrt
from typing import Any

import numpy as np
import pytest
from django.test import Client, override_settings
from django.urls import reverse

from campaigns.models import Assignment, Campaign
from campaigns.selectors.preview import preview
from customers.models import Customer, Event
from retention.insights.datasets import local_day, read_facts
from retention.insights.models import ChurnScore, ModelVersion, TrainingRun
from retention.insights.persuading import Persuading
from retention.insights.services.train import train
from retention.learning.churn.features import behaviour
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]
MANY = 1_200
ENDED = NOW + timedelta(days=61)


@pytest.fixture
def models(settings: Any, tmp_path: Any) -> None:
    settings.ARTIFACT_DIR = tmp_path / "models"


def played(*, launched: int, moves: bool = True, seed: int = 1, waves: int = 1) -> Campaign:
    """A campaign in which coupons keep those who had ordered three times, and nobody else.

    moves : False where they keep nobody. launched : days before NOW. waves : so many, 15 days
    apart. Risk tells nobody apart, so that no change of the odds finds them.
    """
    rng, start = np.random.default_rng(seed), NOW - timedelta(days=launched)
    campaign = make.campaign(
        state="COMPLETED", control_share=0.5, launched_at=start, measure_days=60
    )
    offer = campaign.offers.first()
    opened = [start + timedelta(days=15 * number) for number in range(waves)]
    if waves > 1:
        Campaign.objects.filter(pk=campaign.pk).update(
            trigger="WAVES", trigger_value=15, admits_until=opened[-1]
        )
        for number, moment in enumerate(opened):
            campaign.waves.create(number=number, arms=[], opened_at=moment)
    moments = [opened[n % waves] for n in range(MANY)]
    keen, treated = rng.random(MANY) < 0.5, rng.random(MANY) < 0.5
    chance = 0.2 + (0.5 * (keen & treated) if moves else 0.0)
    kept = rng.random(MANY) < chance
    people = Customer.objects.bulk_create(
        Customer(external_id=f"c{launched}-{n}", created_at=start) for n in range(MANY)
    )
    events = []
    orders = np.where(keen, 3, 1).tolist()
    for who, at, many, came in zip(people, moments, orders, kept.tolist(), strict=True):
        days = [-10 - 20 * n for n in range(many)] + ([15] if came else [])
        events += [_order(who, n, at + timedelta(days=day)) for n, day in enumerate(days)]
    Event.objects.bulk_create(events)
    members = zip(people, moments, treated.tolist(), strict=True)
    campaign.assignments.bulk_create(
        Assignment(
            campaign=campaign, customer=who, rank=1, chunk=0, priority=1.0, assigned_at=at,
            churn_probability=0.5, probability=0.5,
            **({"arm": "TREATMENT", "offer": offer, "outcome": "ISSUED"} if got else
               {"arm": "CONTROL", "outcome": "CONTROL"}),
        )
        for who, at, got in members
    )  # fmt: skip
    return campaign


def _order(who: Customer, number: int, at: datetime) -> Event:
    key = f"{who.external_id}-{number}"
    return Event(
        customer=who, message_id=key, order_id=key, kind="PURCHASE", amount=1200, currency="GBP",
        occurred_at=at, received_at=at,
    )  # fmt: skip


def learn() -> TrainingRun:
    return train("UPLIFT", at=ENDED)


def test_before_a_campaign_was_measured_nothing_is_learned() -> None:
    played(launched=0)
    Campaign.objects.update(measure_days=90)
    run = learn()
    assert run.state == "NOT_ENOUGH_DATA"
    assert "whose last day to measure has passed" in run.message


def test_it_serves_where_it_finds_whom_coupons_keep_better_than_risk_does() -> None:
    played(launched=200)
    played(launched=100, seed=2)

    run = learn()

    version = ModelVersion.objects.get()
    assert version.state == "CHAMPION"
    assert version.verdict.startswith("Finds better whom a coupon changes than one change")
    assert run.row_counts["test_customers"] == MANY  # the newer campaign, whole
    persuadable = run.metrics["responses"][0]
    assert persuadable["customers"] == pytest.approx(MANY / 2, rel=0.1)
    assert persuadable["effect"]["low"] < 50 < persuadable["effect"]["high"]


def test_customers_of_waves_are_learned_from_each_as_they_were_when_theirs_opened() -> None:
    played(launched=200)
    played(launched=120, seed=2, waves=3)

    run = learn()

    version = ModelVersion.objects.get()
    assert version.state == "CHAMPION"
    assert run.row_counts["assignments"] == 2 * MANY
    persuadable = run.metrics["responses"][0]
    assert persuadable["customers"] == pytest.approx(MANY / 2, rel=0.1)
    assert persuadable["effect"]["low"] < 50 < persuadable["effect"]["high"]


def test_where_coupons_keep_nobody_it_is_refused_and_that_is_said() -> None:
    played(launched=200, moves=False)
    played(launched=100, moves=False, seed=2)

    learn()

    version = ModelVersion.objects.get()
    assert version.state == "REFUSED"
    assert "An offer is still taken to multiply the odds of an order" in version.verdict


@override_settings(GLOBAL_HOLDOUT_SHARE=0.0)
def test_it_ranks_by_measured_uplift_and_leaves_out_sure_things_and_sleeping_dogs() -> None:
    moved, sure, dog = (
        make.churn_score(customer=make.customer(), churn_band="HIGH", **fields).customer
        for fields in (
            {"uplift": 0.2, "predicted_clv": 5_000},
            {"uplift": 0.01, "predicted_clv": 90_000},
            {"uplift": -0.05, "predicted_clv": 90_000},
        )
    )
    version = make.model_version(kind="UPLIFT", state="CHAMPION")
    version.run.metrics = {"effect": {"value": 2.0, "low": 1.0, "high": 3.0}, "campaigns": 2}
    version.run.save()
    campaign = make.campaign()

    seen = preview(campaign, at=NOW)

    assert seen.ranked_by == "UPLIFT"
    (first,) = seen.first
    # 10% off adds less than the 15% for which it was measured.
    added = 0.2 * sqrt(0.10 / 0.15)
    assert first.id == moved.pk
    assert first.chance_with == pytest.approx(0.2 + added, abs=0.001)
    assert first.gain == pytest.approx(added * 1_000 - 0.7 * (0.2 + added) * 167, abs=1)
    out = {each.reason: each.count for each in seen.exclusions if each.count}
    assert out == {"driven_away": 1, "earns_nothing": 1}
    assert {sure.pk, dog.pk}.isdisjoint(one.id for one in seen.first)
    ChurnScore.objects.update(uplift=None)
    assert preview(campaign, at=NOW).ranked_by == "ASSUMED"


def test_its_page_shows_what_coupons_did_to_whom(operator: Client) -> None:
    played(launched=200)
    played(launched=100, seed=2)
    learn()

    url = reverse("admin:insights_modelversion_change", args=[ModelVersion.objects.get().pk])
    page = operator.get(url).content.decode()

    assert "Persuadables: stay because of a coupon" in page
    assert "Sleeping dogs" in page
    assert "Kept, by how many get a coupon" in page
    assert ": its Qini." in page
    assert "it finds better whom a coupon changes" in page


@pytest.mark.parametrize(
    ("uplift", "said"),
    [(0.2, "whom a coupon changes</a>"), (None, "what a coupon is expected to earn</dd>")],
)
def test_a_campaign_says_what_its_customers_were_ranked_by(
    operator: Client, uplift: float | None, said: str
) -> None:
    campaign = make.campaign(state="RUNNING", launched_at=NOW)
    make.assignment(campaign=campaign, uplift=uplift)

    page = operator.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))

    assert said in page.content.decode()


def test_a_campaign_that_gave_few_of_its_coupons_teaches_nothing() -> None:
    stopped = played(launched=200)
    treated = stopped.assignments.filter(arm="TREATMENT")
    treated.filter(pk__in=treated.values("pk")[: MANY // 8]).update(outcome="STOPPED")

    assert learn().state == "NOT_ENOUGH_DATA"


def test_nobody_is_left_out_where_nobody_was_measured_to_be_driven_away() -> None:
    played(launched=200)
    played(launched=100, seed=2)
    learn()

    facts = read_facts(purpose="ANALYTICS", before=ENDED)
    said = Persuading.of(behaviour(facts.panel(), cut_off=local_day(ENDED)))

    assert said.version == ModelVersion.objects.get()
    assert said.uplift.max() > 0.2
    assert said.uplift.min() == 0
