from collections.abc import Callable
from pathlib import Path

import pytest

from customers.models import Event, IngestBatch
from customers.services import import_file as service
from customers.services.import_file import begin_import
from customers.services.store_chunk import Prepared, Stored, Storing
from retention.jobs.models import JobRun
from tests.customers.files import made
from tests.jobs import make as jobs
from tests.make import NOW

pytestmark = pytest.mark.django_db

LINES = "".join(f"c{n},mug,{n},2026-01-31,2.50\n" for n in range(25))


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IngestBatch:
    """Of a file of three chunks."""
    monkeypatch.setattr(service, "CHUNK", 10)
    path = made.file(tmp_path, f"customer,product,order,date,price\n{LINES}")
    return begin_import(path, made.inspect(path), name=path.name, at=NOW)


def waiting(batch: IngestBatch) -> JobRun:
    return jobs.run(job="customers.import_file", arguments={"batch_id": batch.pk})


def before_storing(monkeypatch: pytest.MonkeyPatch, *, happens: Callable[[], object]) -> None:
    """What happens between the reading of a chunk and its transaction's end."""
    store = Storing.store

    def late(self: Storing, ready: Prepared) -> Stored:
        happens()
        return store(self, ready)

    monkeypatch.setattr(Storing, "store", late)


def test_an_import_says_what_became_of_its_rows(batch: IngestBatch) -> None:
    run = jobs.performed(waiting(batch))

    assert run.state == "DONE"
    assert run.result == {"read": 25, "stored": 25, "duplicates": 0, "refused": 0}


def test_a_worker_that_lost_its_lease_stores_nothing_more(
    batch: IngestBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = waiting(batch)
    taken_away = JobRun.objects.filter(pk=run.pk)
    before_storing(monkeypatch, happens=lambda: taken_away.update(worker="another/1"))

    jobs.performed(run)

    # The chunk in whose transaction it was taken, which the test cannot forbid; none after it.
    assert Event.objects.count() == 10
    assert IngestBatch.objects.get().state == "RUNNING"


def test_an_import_that_another_process_is_at_is_tried_again(
    batch: IngestBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_on = IngestBatch.objects.filter(pk=batch.pk)
    before_storing(monkeypatch, happens=lambda: moved_on.update(rows_read=10, rows_stored=10))

    run = jobs.performed(waiting(batch))

    assert run.state == "QUEUED"
    assert "imported by another process" in run.error
