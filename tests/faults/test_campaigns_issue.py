"""Promises 6, 7 and 11: one coupon for each chosen customer, within the budget, through kill -9."""

import random
import time
from concurrent.futures import wait
from typing import Any

import pytest

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, Coupon, LaunchChunk
from campaigns.selectors.preview import preview
from campaigns.services.cancel import cancel_campaign
from campaigns.services.issue import issue_coupons
from campaigns.services.pause import pause_campaign
from campaigns.services.resume import resume_campaign
from customers.models import Consent, Customer
from retention.access.audit import first_broken
from retention.access.models import AuditEntry
from tests import make
from tests.campaigns.audiences import at_risk
from tests.live import WHOLE, Crowd, process
from tests.make import NOW

pytestmark = [pytest.mark.faults]
CUSTOMERS, CHUNK, KILLS = (10_000, 50, 20) if WHOLE else (2_000, 20, 4)
WORKERS = 4
OPERATOR = Actor("operator")


def launched(**fields: Any) -> Campaign:
    """A campaign whose audience is frozen and waits for its coupons."""
    campaign = make.campaign(state="RUNNING", **fields)
    customers = Customer.objects.bulk_create(
        Customer(external_id=f"many{n}", created_at=NOW) for n in range(CUSTOMERS)
    )
    Consent.objects.bulk_create(
        Consent(customer=c, purpose="MARKETING", granted=True, source="test", recorded_at=NOW)
        for c in customers
    )
    Assignment.objects.bulk_create(
        Assignment(
            campaign=campaign,
            customer=customer,
            arm="TREATMENT",
            outcome="WAITING",
            offer=campaign.offers.first(),
            probability=0.8,
            priority=1.0,
            rank=rank,
            chunk=rank // CHUNK,
            assigned_at=NOW,
        )
        for rank, customer in enumerate(customers)
    )
    LaunchChunk.objects.bulk_create(
        LaunchChunk(campaign=campaign, number=number) for number in range(CUSTOMERS // CHUNK)
    )
    return campaign


def committed_while_workers_die(database: str, campaign: Campaign, seed: int) -> list[int]:
    """Runs and kills workers until all is issued; the committed amount, seen every 50 ms."""
    seen = []
    arguments = (database, campaign.pk, WORKERS, KILLS, seed)
    with process("tests.campaigns.nursery", *arguments) as nursery:
        while nursery.poll() is None:
            seen.append(Campaign.objects.values_list("committed_amount", flat=True).get())
            time.sleep(0.05)
        out, err = nursery.communicate()
    assert nursery.returncode == 0, err
    assert int(out) >= KILLS
    return seen


def test_workers_killed_at_any_moment_issue_one_coupon_to_each(live_database: str) -> None:
    campaign = launched(budget_amount=CUSTOMERS * 1000)

    committed_while_workers_die(live_database, campaign, seed=1)

    assert Coupon.objects.count() == CUSTOMERS
    assert Coupon.objects.values("customer").distinct().count() == CUSTOMERS
    assert set(Assignment.objects.values_list("outcome", flat=True)) == {"ISSUED"}
    assert Campaign.objects.get().committed_amount == CUSTOMERS * 1000


def test_a_budget_for_six_in_ten_is_never_passed(live_database: str) -> None:
    budget = CUSTOMERS * 600
    campaign = launched(budget_amount=budget)

    seen = committed_while_workers_die(live_database, campaign, seed=2)

    assert max(seen) <= budget
    assert Coupon.objects.count() == CUSTOMERS * 6 // 10
    assert Campaign.objects.get().committed_amount == budget
    assert Assignment.objects.filter(outcome="BUDGET").count() == CUSTOMERS * 4 // 10
    issued = Assignment.objects.filter(outcome="ISSUED").values_list("rank", flat=True)
    assert sorted(issued) == list(range(CUSTOMERS * 6 // 10))


def test_workers_killed_while_they_launch_freeze_one_audience(live_database: str) -> None:
    at_risk(CUSTOMERS)
    campaign = make.campaign(state="APPROVED", budget_amount=CUSTOMERS * 1000)
    seen = preview(campaign, at=NOW)

    committed_while_workers_die(live_database, campaign, seed=3)

    assert AuditEntry.objects.filter(action="campaign.launch").count() == 1
    assert Assignment.objects.count() == seen.chosen
    assert Assignment.objects.values("customer").distinct().count() == seen.chosen
    assert Coupon.objects.count() == seen.treated
    assert first_broken() is None


def issue(campaign: Campaign) -> int:
    return issue_coupons(campaign.pk, at=NOW, progress=lambda done, total, message: None)


@pytest.mark.usefixtures("live_database")
def test_pausing_and_resuming_while_workers_issue_repeats_nothing() -> None:
    campaign, chance = launched(budget_amount=CUSTOMERS * 1000), random.Random(4)

    with Crowd(2) as crowd:
        for _ in range(200 if WHOLE else 20):
            working = [crowd.submit(issue, campaign) for _ in range(2)]
            time.sleep(chance.uniform(0, 0.05))
            pause_campaign(campaign.pk, by=OPERATOR, at=NOW)
            wait(working)
            resume_campaign(campaign.pk, by=OPERATOR, at=NOW)
        crowd.submit(issue, campaign).result()

    assert Coupon.objects.count() == CUSTOMERS
    assert Coupon.objects.values("customer").distinct().count() == CUSTOMERS


@pytest.mark.usefixtures("live_database")
def test_once_a_cancellation_is_answered_no_coupon_follows() -> None:
    campaign = launched(budget_amount=CUSTOMERS * 1000)

    with Crowd(3) as crowd:
        for _ in range(3):
            crowd.submit(issue, campaign)
        time.sleep(0.2)
        cancel_campaign(campaign.pk, by=OPERATOR, at=NOW)
        answered = Coupon.objects.count()

    assert 0 < answered < CUSTOMERS
    assert Coupon.objects.count() == answered
    assert not Assignment.objects.filter(outcome="WAITING").exists()
