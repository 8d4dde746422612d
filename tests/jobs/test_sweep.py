from datetime import timedelta

import pytest

from retention.jobs.services.sweep import sweep
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
EXPIRED = NOW - timedelta(seconds=1)


def test_the_sweep_finds_what_waits_and_what_fell_silent_oldest_first() -> None:
    silent = make.run(state="RUNNING", lease_until=EXPIRED, due_at=NOW - timedelta(hours=1))
    waiting = make.run()
    make.run(state="RUNNING")
    make.run(due_at=NOW + timedelta(minutes=1))

    assert sweep(["default"], at=NOW, room=10) == [silent, waiting]


def test_the_sweep_takes_no_more_than_there_are_hands() -> None:
    first, _ = make.run(), make.run()

    assert sweep(["default"], at=NOW, room=1) == [first]
    assert sweep(["default"], at=NOW, room=0) == []


def test_a_run_that_killed_every_worker_ends_with_words() -> None:
    run = make.run(state="RUNNING", attempts=3, lease_until=EXPIRED, message="row 4,000")

    sweep(["default"], at=NOW, room=10)

    run.refresh_from_db()
    assert run.state == "FAILED"
    assert run.error.startswith("Started 3 times, and each time its worker fell silent")
    assert run.error.endswith("row 4,000")


def test_a_stopped_run_that_went_back_to_the_queue_is_cancelled() -> None:
    run = make.run(cancel_asked=True)

    sweep([], at=NOW, room=10)

    run.refresh_from_db()
    assert run.state == "CANCELLED"


def test_a_stopped_run_whose_worker_is_gone_is_cancelled() -> None:
    run = make.run(state="RUNNING", cancel_asked=True, lease_until=EXPIRED)

    sweep([], at=NOW, room=10)

    run.refresh_from_db()
    assert run.state == "CANCELLED"
