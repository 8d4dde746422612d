from datetime import timedelta

import pytest

from retention.jobs.models import JobRun
from retention.jobs.services.clean import clean
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=91)


def test_runs_that_ended_long_ago_are_forgotten() -> None:
    make.run(state="DONE", finished_at=LONG_AGO)
    recent = make.run(state="FAILED", finished_at=NOW - timedelta(days=89))

    assert clean(at=NOW) == 1
    assert list(JobRun.objects.all()) == [recent]


def test_a_run_that_still_waits_is_never_forgotten() -> None:
    make.run(due_at=LONG_AGO, scheduled_for=LONG_AGO)

    assert clean(at=NOW) == 0
