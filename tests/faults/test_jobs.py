"""Work survives whatever kills it: nothing lost, nothing doubled, on both databases.

On SQLite the product is as it comes, with nothing configured; on PostgreSQL it has a Redis too,
which is killed and forgets everything now and then.
"""

import contextlib
import json
import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.processes import LEASE_SECONDS, WHOLE, Product, Redis, product, redis, wait

pytestmark = pytest.mark.faults

JOBS, KILLS = (60, 20) if WHOLE else (18, 5)
JOB_SECONDS = 3.0
"""Longer than the lease: without its life sign a job would be taken from a healthy worker."""


@pytest.fixture
def broker() -> Iterator[Redis | None]:
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(redis()) if os.environ.get("DATABASE_URL") else None


@pytest.fixture
def shop(broker: Redis | None) -> Iterator[Product]:
    with product(redis_url=broker.url if broker else "") as made:
        yield made


def test_every_job_has_its_effect_once_however_often_its_workers_are_killed(
    shop: Product, broker: Redis | None
) -> None:
    shop.ask("faults.slow", times=JOBS - JOBS // 5, seconds=JOB_SECONDS)
    shop.ask("faults.slow_training", times=JOBS // 5, seconds=JOB_SECONDS)

    kill_at_random(shop, broker, kills=KILLS)

    shop.wait_for("SELECT count(*) FROM jobs_jobrun WHERE state = 'DONE'", JOBS, seconds=300)
    effects = [run for (run,) in shop.rows("SELECT run_id FROM faultwork_effect")]
    assert len(effects) == JOBS
    assert len(set(effects)) == JOBS
    # It was no walk: workers died with jobs in their hands, and those were started again.
    assert shop.rows("SELECT count(*) FROM jobs_jobrun WHERE attempts > 1")[0][0] >= 2
    assert shop.rows("SELECT count(*) FROM faultwork_start")[0][0] > JOBS


def kill_at_random(shop: Product, broker: Redis | None, *, kills: int) -> None:
    """Each time with a job in the worker's hands, as long as there are jobs."""
    dice = random.Random(7)
    for name in ("main", "training"):
        shop.start(name)
    for number in range(kills):
        name = "training" if number % 4 == 1 else "main"
        shop.wait_for(has_its_hands_full(shop, name), True, seconds=90)
        time.sleep(dice.uniform(0, JOB_SECONDS))
        shop.kill(name)
        if broker and number % 3 == 1:
            broker.wipe(down_seconds=15 if WHOLE else 1)
        shop.start(name)


def has_its_hands_full(shop: Product, name: str) -> str:
    """Whether this process began a job, or none is left for it."""
    claims = f"{name}@%/{shop.running[name].pid}/%"
    job = "faults.slow_training" if name == "training" else "faults.slow"
    return (
        f"SELECT EXISTS (SELECT 1 FROM faultwork_start WHERE claim LIKE '{claims}') OR NOT EXISTS"
        f" (SELECT 1 FROM jobs_jobrun WHERE job = '{job}' AND state IN ('QUEUED', 'RUNNING'))"
    )


def test_a_job_longer_than_its_lease_stays_with_its_worker(shop: Product) -> None:
    shop.ask("faults.slow", seconds=4 * LEASE_SECONDS)
    shop.start("main")
    shop.start("second")

    shop.wait_for("SELECT state FROM jobs_jobrun", "DONE", seconds=60)

    assert shop.rows("SELECT count(*) FROM faultwork_start") == [(1,)]


def test_a_worker_that_was_presumed_dead_writes_nothing(shop: Product) -> None:
    shop.ask("faults.slow", seconds=4 * LEASE_SECONDS, silent=True)
    shop.start("main")
    shop.wait_for("SELECT state FROM jobs_jobrun", "RUNNING", seconds=60)
    shop.freeze("main")
    shop.start("second")
    shop.wait_for("SELECT attempts FROM jobs_jobrun", 2, seconds=60)

    shop.thaw("main")

    shop.wait_for("SELECT state FROM jobs_jobrun", "DONE", seconds=60)
    time.sleep(4 * LEASE_SECONDS)  # The thawed one would be through with its job by now.
    assert shop.rows("SELECT count(*) FROM faultwork_effect") == [(1,)]


def test_a_job_that_kills_its_worker_is_given_up_after_its_starts(shop: Product) -> None:
    shop.ask("faults.deadly")
    shop.start("main")

    shop.wait_for("SELECT state FROM jobs_jobrun", "FAILED", seconds=90)

    assert shop.rows("SELECT count(*) FROM faultwork_start") == [(3,)]
    assert shop.rows("SELECT error FROM jobs_jobrun")[0][0].startswith("Started 3 times")


def test_a_job_that_reports_nothing_for_ever_has_failed_and_frees_its_worker(
    shop: Product,
) -> None:
    shop.ask("faults.stuck")
    worker = shop.start("training")

    assert worker.wait(timeout=90) == 70
    assert shop.rows("SELECT state FROM jobs_jobrun") == [("FAILED",)]


def test_a_worker_told_to_go_gives_its_jobs_back_at_once(shop: Product) -> None:
    shop.ask("faults.slow", times=2, seconds=100)
    worker = shop.start("main")
    shop.wait_for("SELECT count(*) FROM jobs_jobrun WHERE state = 'RUNNING'", 2, seconds=60)

    worker.terminate()

    worker.wait(timeout=30)
    assert shop.rows("SELECT DISTINCT state, attempts FROM jobs_jobrun") == [("QUEUED", 0)]


def test_a_hint_starts_a_job_long_before_the_next_sweep() -> None:
    with redis() as broker, product(redis_url=broker.url) as shop:
        shop.environment["JOB_SWEEP_SECONDS"] = "3600"
        shop.start("main")
        wait(lambda: broker.listeners() > 0, True, seconds=60)
        shop.python(ASK_AND_STAY)

        assert shop.rows("SELECT state FROM jobs_jobrun") == [("DONE",)]


ASK_AND_STAY = """
import time
from django.utils import timezone
from retention.jobs.services.ask import ask

run = ask("jobs.clean", at=timezone.now())
for _ in range(600):  # As a web process would, which lives on: a thread of it sends the hint.
    time.sleep(0.1)
    run.refresh_from_db()
    if run.is_over: break
"""


def test_beat_alone_keeps_the_schedules_going() -> None:
    with redis() as broker, product(redis_url=broker.url) as shop:
        shop.environment["JOB_SWEEP_SECONDS"] = "3600"
        shop.python(A_DUE_SCHEDULE)
        shop.start("main")
        shop.start("beat")

        shop.wait_for("SELECT count(*) FROM jobs_jobrun WHERE asked_by = 'schedule'", 1, seconds=90)


A_DUE_SCHEDULE = """
from django.utils import timezone
from retention.jobs.models import Schedule

Schedule.objects.create(
    name="soon", job="jobs.clean", every_minutes=60, next_run_at=timezone.now()
)
"""


def test_any_number_of_schedulers_is_one(shop: Product) -> None:
    made = shop.python(THREE_SCHEDULERS)

    assert json.loads(made) == {"runs": 100, "moments": 100}


THREE_SCHEDULERS = """
import json, multiprocessing
from datetime import UTC, datetime, timedelta
from django.db import connection
from retention.jobs.models import JobRun, Schedule
from retention.jobs.services.tick import tick

START = datetime(2026, 6, 1, tzinfo=UTC)

def schedule(barrier, first):
    for minute in range(1, 101):
        barrier.wait()
        tick(at=START + timedelta(minutes=minute))
        barrier.wait()
        if first:
            JobRun.objects.update(state="DONE")

Schedule.objects.create(name="each minute", job="jobs.clean", every_minutes=1,
    next_run_at=START + timedelta(minutes=1))
connection.close()
fork = multiprocessing.get_context("fork")
barrier = fork.Barrier(3)
beats = [fork.Process(target=schedule, args=(barrier, n == 0)) for n in range(3)]
for beat in beats: beat.start()
for beat in beats: beat.join()
moments = list(JobRun.objects.values_list("scheduled_for", flat=True))
print(json.dumps({"runs": len(moments), "moments": len(set(moments))}))
"""


def test_asking_does_not_wait_for_a_frozen_broker(shop: Product) -> None:
    without = json.loads(shop.python(TIMED_ASKING, REDIS_URL=""))
    with redis() as frozen:
        frozen.freeze()
        with_frozen = json.loads(shop.python(TIMED_ASKING, REDIS_URL=frozen.url))

    assert with_frozen["slow"] < 1.0
    assert with_frozen["median"] < 2 * without["median"] + 0.005


TIMED_ASKING = """
import json, statistics, time
from django.utils import timezone
from retention.jobs.services.ask import ask

def seconds():
    start = time.perf_counter()
    ask("jobs.clean", at=timezone.now())
    return time.perf_counter() - start

seconds()
taken = [seconds() for _ in range(200)]
print(json.dumps({"median": statistics.median(taken), "slow": sorted(taken)[197]}))
"""
