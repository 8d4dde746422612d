from datetime import timedelta

import pytest

from retention.jobs.registry import QUEUES
from retention.jobs.selectors import work_health
from retention.jobs.services.beat import beat
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(minutes=11)


def test_nothing_to_do_and_somebody_there_is_health() -> None:
    beat("w", queues=QUEUES, at=NOW)

    assert work_health(at=NOW).problems == []


def test_a_queue_whose_worker_fell_silent_is_noticed_within_two_beats() -> None:
    beat("main", queues=["default", "ingest", "campaigns"], at=NOW)
    beat("training", queues=["training"], at=NOW - timedelta(seconds=61))

    assert work_health(at=NOW).problems == ["No worker serves the queue 'training'."]


def test_a_job_that_waits_while_nothing_runs_is_noticed() -> None:
    beat("w", queues=QUEUES, at=NOW)
    make.run(due_at=LONG_AGO)

    assert work_health(at=NOW).problems == [
        "A job has waited in the queue 'default' for 11 minutes."
    ]


def test_a_job_that_waits_for_its_turn_is_in_order() -> None:
    beat("w", queues=QUEUES, at=NOW)
    make.run(due_at=LONG_AGO)
    make.run(state="RUNNING")

    assert work_health(at=NOW).problems == []


def test_a_run_left_by_its_worker_waits_since_its_lease_ran_out() -> None:
    make.run(state="RUNNING", due_at=LONG_AGO, lease_until=NOW - timedelta(seconds=5))

    (waits,) = [queue for queue in work_health(at=NOW).queues if queue.waiting]
    assert waits.waits_seconds == 5


def test_a_schedule_nobody_asked_for_is_noticed() -> None:
    beat("w", queues=QUEUES, at=NOW)
    make.schedule(name="Score every customer", next_run_at=LONG_AGO)

    problems = work_health(at=NOW).problems

    assert problems == ["Nobody asked for 'Score every customer' when it was due."]
