"""The whole loop, as `manage.py demo` plays it: facts, insights, a campaign, coupons, its proof."""

from datetime import timedelta

import pytest

from campaigns.models import Assignment, Campaign, Coupon, Redemption
from customers.models import Customer, Event
from retention.demo.story import Story, Told
from retention.insights.models import (
    AssociationRule,
    ChurnScore,
    DataFinding,
    Kind,
    ModelVersion,
    RecommendationList,
    Segment,
    SendTime,
)
from retention.jobs.models import JobRun
from tests import make


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: object) -> object:
    """One small shop, played once for every test here."""
    from django.db import connection, transaction

    with django_db_blocker.unblock():  # type: ignore[attr-defined] # pytest-django has no types
        outer = transaction.atomic()
        outer.__enter__()
        story = Story(
            now=make.NOW + timedelta(hours=3),
            clock=lambda: make.NOW + timedelta(hours=4),
            currency="GBP",
            tell=lambda what, done, total: None,
            customers=350,
            seed=3,
        )
        yield story.play(operator=make.user(), approver=make.user())
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
        connection.close()


pytestmark = pytest.mark.django_db


def test_everything_that_happened_is_stored_once(told: Told) -> None:
    assert Event.objects.count() == told.events
    assert Event.objects.exclude(customer=None).count() == told.events


def test_a_person_in_two_sources_is_one_customer(told: Told) -> None:
    twice = [one for one in Customer.objects.all() if one.identities.count() > 2]

    assert twice
    assert Customer.objects.count() == told.customers


def test_the_campaign_was_measured_on_its_way(told: Told) -> None:
    looks = told.campaign.measurements.filter(offer=None, metric="KEPT")

    assert looks.count() > 5


def test_the_page_of_data_quality_finds_what_the_feed_got_wrong(told: Told) -> None:
    found = set(DataFinding.objects.values_list("kind", flat=True))

    assert {"TILL", "BOT", "DUPLICATES", "GAPS", "CONTACTS"} <= found
    # In a shop this small few products have a usual price: the slipped one shows by its sum.
    assert found & {"PRICES", "HUGE"}
    assert found <= {"TILL", "BOT", "DUPLICATES", "PRICES", "GAPS", "CONTACTS", "HUGE", "CHANGE"}


def test_some_customers_are_known_to_have_hours_of_their_own(told: Told) -> None:
    own = SendTime.objects.filter(hour_is_own=True).count()

    assert 0 < own < SendTime.objects.count() / 2


def test_every_kind_of_model_serves(told: Told) -> None:
    kinds = ModelVersion.objects.filter(state="CHAMPION").values_list("kind", flat=True)

    assert sorted(kinds) == ["BASKETS", "CHURN", "CLUSTERS", "FACTORIZATION", "RFM", "VALUE"]


def test_every_score_has_its_reasons_and_nobody_who_objected_has_one(told: Told) -> None:
    objectors = Customer.objects.filter(
        consents__purpose="ANALYTICS", consents__granted=False, consents__is_current=True
    )

    assert ChurnScore.objects.exists()
    assert all(score.reasons for score in ChurnScore.objects.all())
    assert objectors.exists()
    assert not ChurnScore.objects.filter(customer__in=objectors).exists()


def test_it_shows_what_is_bought_together(told: Told) -> None:
    assert AssociationRule.objects.filter(kind="BASKET").exists()


def test_customers_are_in_segments_and_have_lists(told: Told) -> None:
    assert {s.kind for s in Segment.objects.filter(size__gt=0)} == {"RFM", "CLUSTER", "RULE"}
    assert RecommendationList.objects.exclude(customer=None).exists()


def test_every_treated_customer_has_one_coupon_and_no_control_any(told: Told) -> None:
    treated = told.campaign.assignments.filter(arm=Assignment.Arm.TREATMENT)
    coupons = Coupon.objects.filter(campaign=told.campaign)

    assert coupons.count() == treated.filter(outcome="ISSUED").count() > 0
    assert not coupons.filter(
        customer__in=told.campaign.assignments.filter(arm="CONTROL").values("customer")
    ).exists()


def test_the_budget_holds_and_some_coupons_were_redeemed(told: Told) -> None:
    assert told.campaign.committed_amount <= told.campaign.budget_amount
    assert Redemption.objects.filter(coupon__campaign=told.campaign).exists()


def test_the_campaign_is_complete_and_measured_with_an_interval(told: Told) -> None:
    assert told.campaign.state == Campaign.State.COMPLETED
    assert told.kept is not None
    assert told.kept.ci_low < told.kept.effect < told.kept.ci_high


def test_the_last_night_stands_among_the_jobs(told: Told) -> None:
    runs = JobRun.objects.order_by("pk").values_list("job", "state")

    assert list(runs) == [
        ("insights.check_data", "DONE"),
        *[("insights.train", "DONE")] * len(Kind),
        ("insights.score", "DONE"),
        ("insights.watch", "DONE"),
        ("insights.next_categories", "DONE"),
        ("insights.segments", "DONE"),
        ("insights.recommend", "DONE"),
        ("insights.associate", "DONE"),
    ]
