from datetime import timedelta

import pytest

from retention.jobs.models import JobRun
from retention.jobs.services.claim import claim, claim_next
from tests.jobs import make
from tests.jobs.make import LEASE
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_of_two_workers_one_gets_the_run() -> None:
    run = make.run()

    first = claim(run.pk, by="a", at=NOW, lease=LEASE)
    second = claim(run.pk, by="b", at=NOW, lease=LEASE)

    assert first is not None
    assert second is None


def test_a_worker_that_read_the_run_before_it_changed_hands_does_not_get_it() -> None:
    run = make.run()
    seen_by_another = JobRun.objects.get(pk=run.pk)
    run.claim("a", at=NOW, lease=LEASE)

    assert not seen_by_another.claim("b", at=NOW, lease=LEASE)


def test_a_start_is_counted_before_the_work_begins() -> None:
    taken = make.claimed(make.run())

    assert (taken.state, taken.attempts, taken.lease_until) == ("RUNNING", 1, NOW + LEASE)


def test_a_run_is_not_taken_before_it_is_due() -> None:
    run = make.run(due_at=NOW + timedelta(seconds=1))

    assert claim(run.pk, by="a", at=NOW, lease=LEASE) is None


def test_a_run_whose_worker_fell_silent_is_taken_over() -> None:
    run = make.run(state="RUNNING", lease_until=NOW - timedelta(seconds=1))

    taken = claim(run.pk, by="b", at=NOW, lease=LEASE)

    assert taken is not None
    assert taken.attempts == 2


def test_a_run_under_a_lease_is_left_alone() -> None:
    run = make.run(state="RUNNING", lease_until=NOW)

    assert claim(run.pk, by="b", at=NOW, lease=LEASE) is None


def test_no_claim_has_the_name_of_an_earlier_one() -> None:
    one, two = make.claimed(make.run()), make.claimed(make.run())

    assert one.worker != two.worker


def test_a_run_that_used_up_its_starts_is_not_started_again() -> None:
    run = make.run(attempts=3)

    assert claim(run.pk, by="a", at=NOW, lease=LEASE) is None


def test_a_job_of_another_version_waits_for_that_version() -> None:
    run = make.run(job="jobs.from_tomorrow")

    assert claim(run.pk, by="a", at=NOW, lease=LEASE) is None


def test_the_longest_waiting_run_of_my_queues_comes_first() -> None:
    make.run(due_at=NOW - timedelta(hours=2), queue="training")
    oldest = make.run(due_at=NOW - timedelta(hours=1))
    make.run()

    taken = claim_next(["default"], by="a", at=NOW, lease=LEASE)

    assert taken is not None
    assert taken.pk == oldest.pk
