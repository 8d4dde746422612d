from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from retention.jobs import registry
from retention.jobs.models import JobRun
from retention.jobs.registry import Cancelled, LeaseLost, Refused, Running, job
from retention.jobs.running import Overran, ShuttingDown
from retention.jobs.services.cancel import cancel
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

Declare = Callable[..., JobRun]


@pytest.fixture
def waiting_for(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """A waiting run of a job that does what the test says."""
    monkeypatch.setattr(registry, "_jobs", dict(registry.all_jobs()))

    def declare(work: Callable[..., Any], **options: Any) -> JobRun:
        job("test.work", title="Work", **options)(work)
        return make.run(job="test.work", arguments={"size": 3})

    return declare


def raising(error: BaseException) -> Callable[..., dict[str, Any]]:
    def work(run: Running, **_: Any) -> dict[str, Any]:
        run.progress(1, 3, "one of three")
        raise error

    return work


def test_what_the_job_returns_is_the_result(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(lambda run, size: {"made": size, "for": str(run.at)}))

    assert (run.state, run.result) == ("DONE", {"made": 3, "for": str(NOW)})
    assert (run.finished_at, run.lease_until) == (NOW, None)


def test_the_last_progress_is_kept(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(lambda run, size: run.progress(2, size, "nearly") or {}))

    assert (run.done, run.total, run.message) == (2, 3, "nearly")


def test_a_refusal_is_shown_as_it_stands_and_not_tried_again(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(Refused("sales.csv: no column 'customer'."))))

    assert (run.state, run.error) == ("FAILED", "sales.csv: no column 'customer'.")


def test_a_failure_waits_and_is_tried_again(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(OSError("disk full"))))

    assert (run.state, run.attempts) == ("QUEUED", 1)
    assert run.due_at == NOW + timedelta(seconds=15)
    assert run.error.startswith("OSError: disk full (test_perform.py, line ")


def test_a_failure_of_a_run_that_was_stopped_ends_it(waiting_for: Declare) -> None:
    def work(run: Running, **_: Any) -> dict[str, Any]:
        cancel(JobRun.objects.get(pk=run.run_id), at=NOW)
        raise OSError("disk full")

    run = make.performed(waiting_for(work))

    assert (run.state, run.finished_at, run.lease_until) == ("CANCELLED", NOW, None)


def test_the_last_start_that_fails_ends_the_run(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(OSError("disk full")), retries=0))

    assert (run.state, run.finished_at) == ("FAILED", NOW)


def test_a_result_that_is_not_json_is_a_failure_with_words(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(lambda run, size: {"when": {1, 2}}, retries=0))

    assert run.state == "FAILED"
    assert "not JSON serializable" in run.error


def test_a_stopped_job_is_cancelled(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(Cancelled())))

    assert run.state == "CANCELLED"


def test_a_job_that_overran_its_limit_has_failed(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(Overran("Ran longer than its limit."))))

    assert (run.state, run.error) == ("FAILED", "Ran longer than its limit.")


def test_a_start_that_the_worker_ended_does_not_count(waiting_for: Declare) -> None:
    run = make.performed(waiting_for(raising(ShuttingDown())))

    assert (run.state, run.attempts, run.due_at) == ("QUEUED", 0, NOW)


def test_a_process_that_goes_down_gives_its_run_back(waiting_for: Declare) -> None:
    run = waiting_for(raising(KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        make.performed(run)

    run.refresh_from_db()
    assert (run.state, run.attempts) == ("QUEUED", 0)


def test_a_worker_that_lost_its_lease_writes_nothing(waiting_for: Declare) -> None:
    def taken_over(run: Running, **_: Any) -> dict[str, Any]:
        JobRun.objects.filter(pk=run.run_id).update(worker="another/1", attempts=2)
        return {"mine": True}

    run = make.performed(waiting_for(taken_over))

    assert (run.state, run.worker, run.result) == ("RUNNING", "another/1", {})


def test_progress_ends_a_run_that_has_to_stop(waiting_for: Declare) -> None:
    def hears(run: Running, **_: Any) -> dict[str, Any]:
        run.stop = LeaseLost()
        run.progress(1, 2)
        raise AssertionError("It went on.")

    run = make.performed(waiting_for(hears))

    assert run.state == "RUNNING"
