from datetime import UTC, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from retention.jobs.models import Schedule
from retention.schedule import SCHEDULES, check_schedules, sync_schedules
from tests.make import NOW


@pytest.mark.django_db
def test_a_new_installation_gets_every_schedule_with_its_next_moment() -> None:
    assert sync_schedules(at=NOW) == len(SCHEDULES)

    night = Schedule.objects.get(name="Score every customer")
    assert (night.zone, night.at_time) == ("Europe/London", time(4, 30))
    assert night.next_run_at == datetime(2026, 6, 2, 3, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_second_start_adds_nothing() -> None:
    sync_schedules(at=NOW)

    assert sync_schedules(at=NOW + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_what_an_operator_changed_stays_changed() -> None:
    sync_schedules(at=NOW)
    Schedule.objects.filter(job="jobs.clean").update(
        name="Monthly cleaning", at_time=time(5, 0), enabled=False
    )

    sync_schedules(at=NOW)

    kept = Schedule.objects.get(job="jobs.clean")
    assert (kept.name, kept.at_time, kept.enabled) == ("Monthly cleaning", time(5, 0), False)


@pytest.mark.django_db
def test_the_command_says_what_it_added() -> None:
    said = StringIO()

    call_command("sync_schedules", stdout=said)
    call_command("sync_schedules", stdout=said)

    assert said.getvalue() == f"{len(SCHEDULES)} schedules added.\nAll schedules are there.\n"


def test_every_scheduled_job_is_declared_by_an_app() -> None:
    assert check_schedules(None) == []


def test_the_night_cleans_then_checks_then_learns_then_scores_then_measures() -> None:
    order = [each.job for each in sorted(SCHEDULES, key=lambda each: each.at_time or time.max)]

    assert list(dict.fromkeys(order))[:15] == [
        "customers.clear_uploads",
        "jobs.clean",
        "access.forget_answers",
        "access.check_log",
        "insights.clean",
        "campaigns.hold_out",
        "insights.check_data",
        "insights.train",
        "insights.score",
        "insights.watch",
        "insights.next_categories",
        "insights.segments",
        "insights.recommend",
        "insights.associate",
        "campaigns.measure",
    ]
