"""Promises 6 and 7 of a campaign in waves, whose workers are killed before any statement."""

from datetime import timedelta

import pytest
from django.db.models import Count

from campaigns.models import Assignment, Campaign, Coupon, Holdout, LaunchChunk, Message
from tests import make
from tests.campaigns.audiences import at_risk
from tests.live import WHOLE, process
from tests.make import NOW

pytestmark = [pytest.mark.faults]
WAVES, EVERY = (360, 1) if WHOLE else (9, 40)
CUSTOMERS = 12 * WAVES


def in_waves() -> Campaign:
    """A wave a day, two offers, and money for everyone."""
    campaign = make.campaign(
        state="RUNNING",
        trigger="WAVES",
        trigger_value=1,
        assigning="SHIFT",
        admits_until=NOW + timedelta(days=WAVES),
        budget_amount=CUSTOMERS * 1000,
    )
    make.make_offer(campaign=campaign, name="20 % off", percent=20)
    return campaign


def test_workers_killed_before_any_statement_of_a_wave_let_each_customer_in_once(
    live_database: str,
) -> None:
    campaign = in_waves()
    at_risk(CUSTOMERS)

    with process("tests.campaigns.doomed", live_database, campaign.pk, WAVES, EVERY) as doomed:
        out, err = doomed.communicate()

    assert doomed.returncode == 0, err
    assert WAVES // 2 <= int(out) < WAVES, "Some statements of a wave were not met."
    assert campaign.waves.exclude(done_at=None).count() == WAVES
    everyone = CUSTOMERS - Holdout.objects.count()
    ranks = Assignment.objects.order_by("rank").values_list("rank", flat=True)
    assert list(ranks) == list(range(1, everyone + 1))
    assert Assignment.objects.values("customer").distinct().count() == everyone
    treated = Assignment.objects.filter(arm="TREATMENT")
    assert list(treated.values_list("outcome").annotate(n=Count("pk"))) == [
        ("ISSUED", len(treated))
    ]
    assert Coupon.objects.values("customer").distinct().count() == len(treated)
    assert Coupon.objects.count() == Message.objects.count() == len(treated)
    assert Campaign.objects.get().committed_amount == 1000 * len(treated)
    assert not LaunchChunk.objects.filter(done_at=None).exists()
