from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns import tasks
from campaigns.actors import SCHEDULE
from campaigns.models import Assignment, Campaign, Coupon, Holdout, Measurement
from campaigns.services.launch import launch_campaign
from retention.access.models import AuditEntry
from retention.jobs.registry import Refused, Running
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

pytestmark = pytest.mark.django_db
FAR = datetime(9999, 12, 31, tzinfo=UTC)


def running(*, days: int = 0) -> Running:
    return Running(at=NOW + timedelta(days=days))


def test_launching_freezes_and_issues_under_the_name_of_who_asked() -> None:
    at_risk(50)
    user = make.user(username="anne")
    campaign = make.campaign(state="APPROVED")

    result = tasks.launch(running(), campaign_id=campaign.pk, actor="anne", user_id=user.pk)

    assert result == {"issued": Assignment.objects.filter(arm="TREATMENT").count()}
    assert AuditEntry.objects.get(action="campaign.launch").user == user


def test_a_launch_that_is_started_again_goes_on_where_it_was() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")
    tasks.launch(running(), campaign_id=campaign.pk, actor="anne")
    Coupon.objects.filter(pk=Coupon.objects.earliest("pk").pk).update(void_at=NOW)
    before = Coupon.objects.count()

    again = tasks.launch(running(), campaign_id=campaign.pk, actor="anne")

    assert again == {"issued": 0}
    assert Coupon.objects.count() == before


def test_a_launch_for_nobody_is_refused_in_words_and_not_tried_again() -> None:
    campaign = make.campaign(state="APPROVED")

    with pytest.raises(Refused, match="would treat 0 customers"):
        tasks.launch(running(), campaign_id=campaign.pk, actor="anne")


def test_tomorrows_message_with_more_words_is_still_understood() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")

    tasks.launch(running(), campaign_id=campaign.pk, actor="anne", colour="blue")

    assert Campaign.objects.get().state == "RUNNING"


def test_the_sweep_issues_what_a_lost_run_left() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")
    launch_campaign(campaign.pk, by=SCHEDULE, at=NOW, progress=running().progress)

    result = tasks.issue(running())

    assert result["campaigns"] == 1
    assert Coupon.objects.count() == result["issued"] > 0
    assert tasks.issue(running()) == {"campaigns": 0, "issued": 0}


def test_the_night_measures_what_is_under_way_and_what_ended_lately() -> None:
    for launched_days_ago, state in ((10, "RUNNING"), (70, "COMPLETED"), (75, "COMPLETED")):
        campaign = make.campaign(
            state=state, measure_days=60, launched_at=NOW - timedelta(days=launched_days_ago)
        )
        for arm in ("TREATMENT", "TREATMENT", "CONTROL", "CONTROL"):
            make.assignment(campaign=campaign, arm=arm)

    result = tasks.measure(running())

    assert result == {"campaigns": 2}
    assert Measurement.objects.values("campaign").distinct().count() == 2


def test_a_campaign_that_fails_keeps_no_other_waiting() -> None:
    # No calendar has the day on which it ends.
    far: dict[str, Any] = {"trigger": "RISK", "trigger_value": 0.5, "admits_until": FAR}
    for fields in (far, {}):
        campaign = make.campaign(state="RUNNING", measure_days=60, **fields)
        for arm in ("TREATMENT", "TREATMENT", "CONTROL", "CONTROL"):
            make.assignment(campaign=campaign, arm=arm)

    with pytest.raises(OverflowError):
        tasks.measure(running(days=60))

    assert set(Measurement.objects.values_list("campaign", flat=True)) == {campaign.pk}
    assert tasks.finish(running(days=60)) == {"completed": 1}


def test_the_sweep_of_coupons_counts_campaigns_that_have_some_left() -> None:
    make.campaign(state="RUNNING")

    assert tasks.issue(running()) == {"campaigns": 0, "issued": 0}


def test_campaigns_that_are_over_are_completed_once() -> None:
    make.campaign(state="RUNNING", measure_days=60)

    assert tasks.finish(running(days=59)) == {"completed": 0}
    assert tasks.finish(running(days=60)) == {"completed": 1}
    assert tasks.finish(running(days=61)) == {"completed": 0}


def test_the_holdout_is_drawn_by_night() -> None:
    at_risk(200)

    assert tasks.hold_out(running()) == {"entered": Holdout.objects.count()}
    assert Holdout.objects.exists()
