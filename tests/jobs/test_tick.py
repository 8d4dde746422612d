from datetime import UTC, datetime, time, timedelta

import pytest

from retention.jobs.models import JobRun
from retention.jobs.services.tick import tick
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_what_is_due_is_asked_for_once_however_many_tick() -> None:
    schedule = make.schedule(next_run_at=NOW)

    assert [tick(at=NOW), tick(at=NOW)] == [1, 0]
    assert JobRun.objects.get().schedule == schedule


def test_a_run_carries_the_moment_it_was_due_and_its_arguments() -> None:
    schedule = make.schedule(next_run_at=NOW, arguments={"days": 5})

    tick(at=NOW + MINUTE)

    run = JobRun.objects.get()
    assert (run.scheduled_for, run.arguments) == (NOW, {"days": 5})
    assert run.key == f"schedule:{schedule.pk}:2026-06-01T12:00:00Z"


def test_missed_moments_are_caught_up_once_for_the_latest() -> None:
    schedule = make.schedule(next_run_at=NOW, every_minutes=10)

    tick(at=NOW + 65 * MINUTE)

    schedule.refresh_from_db()
    assert JobRun.objects.get().scheduled_for == NOW + 60 * MINUTE
    assert schedule.next_run_at == NOW + 70 * MINUTE


def test_after_a_year_off_a_night_job_runs_for_last_night() -> None:
    make.schedule(at_time=time(3, 0), next_run_at=NOW - timedelta(days=365))

    tick(at=NOW)

    assert JobRun.objects.get().scheduled_for == datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def test_a_schedule_waits_while_its_last_run_is_undone() -> None:
    make.schedule(next_run_at=NOW)
    tick(at=NOW)

    assert tick(at=NOW + 10 * MINUTE) == 0
    JobRun.objects.update(state="DONE")
    assert tick(at=NOW + 20 * MINUTE) == 1


def test_a_new_schedule_gets_its_first_moment() -> None:
    schedule = make.schedule(at_time=time(2, 0), zone="Europe/London")

    assert tick(at=NOW) == 0

    schedule.refresh_from_db()
    assert schedule.next_run_at == datetime(2026, 6, 2, 1, 0, tzinfo=UTC)


def test_what_is_switched_off_does_not_run() -> None:
    make.schedule(next_run_at=NOW, enabled=False)

    assert tick(at=NOW) == 0


def test_a_schedule_that_makes_no_sense_does_not_stop_the_others() -> None:
    make.schedule(at_time=time(2, 0), zone="Europe/Atlantis", next_run_at=NOW - MINUTE)
    make.schedule(next_run_at=NOW)

    assert tick(at=NOW) == 1
