from typing import Any

import pytest

from retention.jobs.models import JobRun
from retention.jobs.services.work_off import work_off
from tests.jobs import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def off(**options: Any) -> int:
    return work_off(by="w", now=lambda: NOW, lease=make.LEASE, keep_alive=make.no_pulse, **options)


def test_everything_due_is_done() -> None:
    make.run()
    make.run()

    assert off() == 2
    assert set(JobRun.objects.values_list("state", flat=True)) == {"DONE"}


def test_the_hinted_run_comes_first() -> None:
    make.run()
    hinted = make.run()

    off(first=hinted.pk, most=1)

    assert JobRun.objects.get(state="DONE") == hinted


def test_a_hint_about_a_finished_run_does_nothing_twice() -> None:
    done = make.run(state="DONE", finished_at=NOW)

    assert off(first=done.pk) == 0


def test_a_worker_that_leaves_takes_nothing_new() -> None:
    make.run()
    make.run()

    assert off(go_on=lambda: False) == 1
