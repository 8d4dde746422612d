import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from retention.jobs.models import JobRun
from retention.jobs.registry import LeaseLost, Running
from tests.jobs import make
from tests.make import NOW


def running(run: JobRun) -> Running:
    return Running(run_id=run.pk, at=run.scheduled_for, claim=run.worker)


@pytest.mark.django_db
def test_the_holder_of_a_run_may_write() -> None:
    held = running(make.claimed(make.run()))

    with transaction.atomic():
        held.hold()


@pytest.mark.django_db
def test_whoever_lost_the_run_may_not_write() -> None:
    run = make.claimed(make.run())
    JobRun.objects.filter(pk=run.pk).update(worker="another/1")

    with pytest.raises(LeaseLost), transaction.atomic():
        running(run).hold()


@pytest.mark.django_db
def test_a_run_completed_with_its_effect_is_done() -> None:
    run = make.claimed(make.run())

    with transaction.atomic():
        running(run).complete({"rows": 3}, at=NOW)

    run.refresh_from_db()
    assert (run.state, run.result) == (JobRun.State.DONE, {"rows": 3})


@pytest.mark.django_db
def test_a_run_is_completed_once() -> None:
    held = running(make.claimed(make.run()))
    with transaction.atomic():
        held.complete({}, at=NOW)

    with pytest.raises(LeaseLost), transaction.atomic():
        held.complete({}, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_holding_a_run_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(TransactionManagementError, match="atomic"):
        running(make.claimed(make.run())).hold()
