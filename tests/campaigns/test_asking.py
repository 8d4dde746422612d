"""A click asks for work once, and for new work where the last ended."""

from datetime import timedelta

import pytest

from campaigns.actors import SCHEDULE
from campaigns.asking import ask_to_issue
from campaigns.models import Campaign
from retention.jobs.models import JobRun
from retention.jobs.services.clean import clean
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def ask(campaign: Campaign) -> JobRun:
    return ask_to_issue(campaign, by=SCHEDULE, at=NOW)


def ended(run: JobRun, *, days_ago: int = 0) -> None:
    over = NOW - timedelta(days=days_ago)
    JobRun.objects.filter(pk=run.pk).update(state="DONE", finished_at=over)


def test_two_clicks_ask_once() -> None:
    campaign = make.campaign(state="RUNNING")

    assert ask(campaign) == ask(campaign)


def test_after_the_last_ended_a_click_asks_anew() -> None:
    campaign = make.campaign(state="RUNNING")
    first = ask(campaign)
    ended(first)

    assert ask(campaign) != first
    assert ask(campaign).state == "QUEUED"


def test_a_click_asks_anew_also_where_old_runs_were_forgotten() -> None:
    campaign = make.campaign(state="RUNNING")
    for days_ago in (91, 1):
        ended(ask(campaign), days_ago=days_ago)
    assert clean(at=NOW) == 1

    assert ask(campaign).state == "QUEUED"
