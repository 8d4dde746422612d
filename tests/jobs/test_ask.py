import pytest
from django.db import transaction

from retention.jobs.models import JobRun
from retention.jobs.registry import UnknownJob
from retention.jobs.services.ask import ask
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_what_was_asked_for_waits_in_the_queue_of_its_job() -> None:
    run = ask("jobs.clean", arguments={"days": 7}, at=NOW, asked_by="ada")

    assert (run.state, run.queue, run.due_at) == (JobRun.State.QUEUED, "default", NOW)
    assert (run.arguments, run.asked_by) == ({"days": 7}, "ada")


def test_two_askers_with_one_key_get_one_run() -> None:
    first = ask("jobs.clean", key="clean today", at=NOW)
    second = ask("jobs.clean", key="clean today", at=NOW)

    assert first.pk == second.pk
    assert JobRun.objects.count() == 1


def test_what_the_asker_rolls_back_was_never_asked_for() -> None:
    with transaction.atomic():
        ask("jobs.clean", at=NOW)
        transaction.set_rollback(True)

    assert not JobRun.objects.exists()


def test_an_unknown_job_is_refused_by_name() -> None:
    with pytest.raises(UnknownJob, match=r"'jobs.dance'.*jobs.clean"):
        ask("jobs.dance", at=NOW)
