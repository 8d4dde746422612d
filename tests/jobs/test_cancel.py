import pytest

from retention.jobs.models import JobRun
from retention.jobs.services.cancel import NotCancellable, cancel
from retention.jobs.services.give_back import give_back
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_a_waiting_run_is_cancelled_at_once() -> None:
    run = make.run()

    cancel(run, at=NOW)

    run.refresh_from_db()
    assert (run.state, run.finished_at) == ("CANCELLED", NOW)


def test_a_running_run_is_asked_to_stop() -> None:
    run = make.run(state="RUNNING")

    cancel(run, at=NOW)

    run.refresh_from_db()
    assert (run.state, run.cancel_asked) == ("RUNNING", True)


def test_a_stopped_run_whose_worker_leaves_ends() -> None:
    run = make.claimed(make.run())
    cancel(run, at=NOW)

    give_back(JobRun.objects.filter(pk=run.pk), at=NOW)

    run.refresh_from_db()
    assert (run.state, run.finished_at, run.lease_until) == ("CANCELLED", NOW, None)


def test_what_is_over_cannot_be_cancelled() -> None:
    run = make.run(state="DONE", finished_at=NOW)

    with pytest.raises(NotCancellable, match="is over: done"):
        cancel(run, at=NOW)
