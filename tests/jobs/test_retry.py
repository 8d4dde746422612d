from datetime import timedelta

import pytest

from retention.jobs.services.retry import NotRetriable, retry
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def test_a_failed_run_starts_again_for_now_with_all_its_starts() -> None:
    run = make.run(state="FAILED", attempts=3, error="disk full", finished_at=NOW)

    retry(run, at=LATER, asked_by="ada")

    assert (run.state, run.attempts, run.error) == ("QUEUED", 0, "")
    assert (run.scheduled_for, run.asked_by) == (LATER, "ada")


def test_a_run_is_not_started_twice_by_two_clicks() -> None:
    run = make.run(state="FAILED", finished_at=NOW)
    retry(run, at=LATER, asked_by="ada")

    with pytest.raises(NotRetriable, match="is waiting"):
        retry(run, at=LATER, asked_by="ada")
