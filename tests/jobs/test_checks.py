import pytest

from retention.jobs.checks import check_stored_schedules
from tests.jobs import make

pytestmark = pytest.mark.django_db


def test_a_schedule_of_an_unknown_job_is_an_error_with_a_way_out() -> None:
    make.schedule(name="Dance", job="jobs.dance")

    [error] = check_stored_schedules(None, databases=["default"])

    assert (
        error.msg == "Schedule 'Dance' runs 'jobs.dance', and no app declares a job of that name."
    )
    assert "jobs.clean" in (error.hint or "")


def test_a_schedule_that_is_switched_off_may_wait_for_its_job() -> None:
    make.schedule(job="jobs.dance", enabled=False)

    assert check_stored_schedules(None, databases=["default"]) == []


def test_without_a_database_nothing_is_asked() -> None:
    assert check_stored_schedules(None) == []
