"""The life sign, beat by beat; `tests/faults/test_jobs.py` has the thread and the killed worker."""

from datetime import timedelta
from typing import Any

import pytest

from retention.jobs.heartbeat import Pulse
from retention.jobs.models import JobRun
from retention.jobs.registry import Cancelled, LeaseLost, Running
from retention.jobs.running import Overran, ShuttingDown
from tests.jobs import make
from tests.jobs.make import LEASE
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def pulse(run: JobRun, **options: Any) -> Pulse:
    running = Running(run_id=run.pk, at=NOW, claim=run.worker)
    given: dict[str, Any] = {"lease": LEASE, "limit": timedelta(hours=4), "now": lambda: LATER}
    return Pulse(running, **(given | options))


def test_progress_is_written_and_renews_the_lease() -> None:
    run = make.claimed(make.run())
    beating = pulse(run)
    beating.running.progress(2, 5, "two of five")

    beating.beat()

    run.refresh_from_db()
    assert (run.done, run.total, run.message) == (2, 5, "two of five")
    assert run.lease_until == LATER + LEASE


def test_a_lease_is_renewed_without_progress_too() -> None:
    run = make.claimed(make.run())
    beating = pulse(run)
    beating.renewed -= LEASE.total_seconds() / 4

    beating.beat()

    run.refresh_from_db()
    assert run.lease_until == LATER + LEASE


def test_a_run_that_another_worker_took_is_stopped_and_left_alone() -> None:
    run = make.claimed(make.run())
    beating = pulse(run)
    beating.running.progress(2, 5, "two of five")
    JobRun.objects.filter(pk=run.pk).update(worker="another/1")

    beating.beat()

    assert isinstance(beating.running.stop, LeaseLost)
    assert JobRun.objects.get(pk=run.pk).message == ""


def test_an_operators_stop_reaches_the_job() -> None:
    run = make.claimed(make.run())
    beating = pulse(run)
    JobRun.objects.filter(pk=run.pk).update(cancel_asked=True)

    beating.beat()

    with pytest.raises(Cancelled):
        beating.running.progress(1, 2)


def test_a_worker_that_goes_away_stops_its_job() -> None:
    beating = pulse(make.claimed(make.run()), must_stop=lambda: True)

    beating.beat()

    assert isinstance(beating.running.stop, ShuttingDown)


def test_a_job_over_its_limit_is_stopped() -> None:
    beating = pulse(make.claimed(make.run()))
    beating.began -= 4 * 3600 + 1

    beating.beat()

    assert isinstance(beating.running.stop, Overran)


def test_a_job_far_over_its_limit_has_failed_and_takes_its_process_along() -> None:
    killed: list[bool] = []
    run = make.claimed(make.run())
    beating = pulse(run, on_hang=lambda: killed.append(True))
    beating.began -= 5 * 3600

    beating.beat()

    run.refresh_from_db()
    assert killed == [True]
    assert (run.state, run.error) == (
        "FAILED",
        "Ran longer than its limit of 240 minutes. It had to be killed.",
    )


def test_a_run_that_completed_itself_did_not_lose_its_lease() -> None:
    run = make.claimed(make.run())
    beating = pulse(run)
    beating.running.complete({}, at=NOW)

    beating.beat()

    assert beating.running.stop is None
