from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from catalog.models import Product
from customers.files.inspect import Inspection
from customers.files.opening import UnreadableFile
from customers.import_report import import_report
from customers.models import Consent, Customer, Event, IngestBatch, RefusedRow
from customers.services import import_file as service
from customers.services.import_file import (
    ImportTaken,
    begin_import,
    import_file,
    read_otherwise_before,
)
from tests import make
from tests.customers.files import made
from tests.make import NOW

pytestmark = pytest.mark.django_db

HEADER = "customer,product,product name,order,date,price\n"
LINE = "ann,mug,Blue mug,7,2026-01-31,2.50\n"


def begin(path: Path, **options: Any) -> IngestBatch:
    return begin_import(path, made.inspect(path, **options), name=path.name, at=NOW)


def run(path: Path, **options: Any) -> IngestBatch:
    return import_file(begin(path, **options), clock=lambda: NOW)


def lines(count: int) -> str:
    return "".join(f"c{n},mug,Blue mug,{n},2026-01-31,2.50\n" for n in range(count))


def test_rows_become_facts_with_their_product_and_customer(tmp_path: Path) -> None:
    batch = run(made.file(tmp_path, HEADER + LINE))

    event = Event.objects.get()
    assert (event.kind, event.amount, event.batch) == ("PURCHASE", 250, batch)
    assert event.customer == Customer.objects.get(external_id="ann")
    assert event.product == Product.objects.get(external_id="mug", title="Blue mug")


def test_every_row_is_counted_once(tmp_path: Path) -> None:
    text = HEADER + LINE + "bob,mug,Blue mug,8,never,2.50\n" + ",mug,Blue mug,9,2026-01-31,2.50\n"

    batch = run(made.file(tmp_path, text))

    assert (batch.rows_read, batch.rows_stored, batch.rows_refused) == (3, 2, 1)
    assert batch.state == "DONE"
    report = import_report(batch)
    assert report.reasons[0].spoken == "bad date"
    assert report.reasons[0].examples[0].line == 3
    assert (1, "rows without a customer, kept as anonymous facts") in report.notes


SIZE_THE_PLANNER_KNOWS = {
    "sqlite": "SELECT max(CAST(stat AS int)) FROM sqlite_stat1 WHERE tbl = 'customers_event'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'customers_event'",
}


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York"])
@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0001-01-01 00:00:00"])
def test_a_date_before_the_calendar_sinks_no_other_row(
    tmp_path: Path, never: str, zone: str
) -> None:
    text = HEADER + lines(5) + f"bob,mug,Blue mug,9,{never},2.50\n"

    batch = run(made.file(tmp_path, text), timezone=zone)

    assert (batch.state, batch.rows_stored, batch.rows_refused) == ("DONE", 5, 1)


def test_after_a_large_import_the_planner_knows_how_much_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LARGE", 30)

    run(made.file(tmp_path, HEADER + lines(30)))

    with connection.cursor() as cursor:
        cursor.execute(SIZE_THE_PLANNER_KNOWS[connection.vendor])
        assert cursor.fetchone() == (30,)


def test_a_second_run_stores_nothing(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEADER + lines(30))

    run(path)
    again = run(path)

    assert (again.rows_read, again.rows_stored, again.rows_duplicate) == (30, 0, 30)
    assert Event.objects.count() == 30


def test_an_import_goes_on_where_it_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 10)
    path = made.file(tmp_path, HEADER + lines(35))
    with pytest.raises(KeyboardInterrupt):
        import_file(begin(path), clock=lambda: NOW, progress=after(2))

    rest = run(path)

    assert (rest.rows_read, rest.rows_stored, rest.rows_duplicate) == (35, 35, 0)
    assert IngestBatch.objects.count() == 1
    assert Event.objects.count() == 35


def test_lines_repeated_across_the_place_it_was_left_count_as_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 10)
    path = made.file(tmp_path, HEADER + LINE * 25)
    with pytest.raises(KeyboardInterrupt):
        import_file(begin(path), clock=lambda: NOW, progress=after(1))

    run(path)

    assert Event.objects.count() == 25


def test_two_processes_with_one_file_count_its_rows_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 10)
    path = made.file(tmp_path, HEADER + lines(25))
    first = begin(path)

    def another(done: int, total: int, message: str) -> None:
        import_file(begin(path), clock=lambda: NOW)

    with pytest.raises(ImportTaken):
        import_file(first, clock=lambda: NOW, progress=another)
    first.refresh_from_db()
    assert (first.rows_read, first.rows_stored, first.state) == (25, 25, "DONE")


def test_progress_says_how_far_the_file_is_read(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    path = made.file(tmp_path, HEADER + lines(20))

    import_file(begin(path), clock=lambda: NOW, progress=lambda *told: seen.append(told))

    size = path.stat().st_size
    assert seen == [(size, size, "20 rows")]


def test_a_file_changed_since_its_preview_is_not_imported(tmp_path: Path) -> None:
    batch = begin(made.file(tmp_path, HEADER + LINE))
    made.file(tmp_path, HEADER + LINE * 2)

    with pytest.raises(UnreadableFile, match="changed"):
        import_file(batch, clock=lambda: NOW)
    assert IngestBatch.objects.get().state == "FAILED"


def test_the_first_hundred_refused_rows_of_each_reason_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 60)
    bad = "ann,mug,Mug,7,never,1\n" * 150 + "ann,mug,Mug,7,2026-01-31,cheap\n"

    batch = run(made.file(tmp_path, HEADER + LINE + bad))

    assert batch.notes["refused"] == {"bad_date": 150, "bad_price": 1}
    assert RefusedRow.objects.filter(reason="bad_date").count() == 100
    assert RefusedRow.objects.filter(reason="bad_price").count() == 1


def test_what_ingest_refuses_is_refused_by_its_line_too(tmp_path: Path) -> None:
    batch = run(made.file(tmp_path, HEADER + LINE + "ann,mug,Mug,8,1899-01-31,1\n"))

    assert RefusedRow.objects.get(batch=batch).line == 3


def test_the_shop_states_consent_for_those_who_said_nothing(tmp_path: Path) -> None:
    silent = make.customer(external_id="ann", consents=())
    refuser = make.customer(external_id="bob", consents=())
    make.consent(customer=refuser, purpose="MARKETING", granted=False)
    text = HEADER + LINE + "bob,mug,Mug,8,2026-01-31,1\n"

    batch = run(made.file(tmp_path, text), consents=("MARKETING",))

    assert Consent.objects.get(customer=silent).source == "import statement"
    assert not Consent.objects.get(customer=refuser).granted
    assert batch.notes["consents"] == 1


def test_products_and_customers_are_loaded(tmp_path: Path) -> None:
    products = made.file(tmp_path, "sku,name,price\nmug,Blue mug,2.50\n", name="p.csv")
    customers = made.file(
        tmp_path, "customer id,email,marketing\nann,ann@example.org,yes\n", name="c.csv"
    )

    loaded = [run(products), run(customers), run(products)]

    assert [(one.rows_stored, one.rows_duplicate) for one in loaded] == [(1, 0), (1, 0), (0, 1)]
    assert Product.objects.get().price == 250
    assert Customer.objects.get().contact.email == "ann@example.org"
    assert Consent.objects.get().granted


def test_a_file_of_undated_ratings_counts_once_whenever_it_comes(tmp_path: Path) -> None:
    path = made.file(tmp_path, "user_id,item_id,rating\n1,2,4.5\n3,4,1\n")

    run(path)
    later = import_file(begin(path), clock=lambda: NOW.replace(year=2027))

    assert (later.rows_stored, later.rows_duplicate) == (0, 2)


def test_a_rating_beyond_every_scale_refuses_its_line(tmp_path: Path) -> None:
    batch = run(made.file(tmp_path, "user_id,item_id,rating\n1,2,5000\n3,4,1\n"))

    assert Event.objects.get().rating == 1
    assert RefusedRow.objects.get(batch=batch).reason == "bad_rating"


def test_the_same_file_by_another_reading_is_noticed(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEADER + LINE)
    same: Inspection = made.inspect(path)
    other = made.inspect(path, timezone="America/New_York")

    batch = run(path)

    assert read_otherwise_before(same) is None
    assert read_otherwise_before(other) == batch


def after(chunks: int) -> Any:
    """A progress callback that ends the process, as it were, after so many chunks."""
    seen: list[int] = []

    def stop(done: int, total: int, message: str) -> None:
        seen.append(done)
        if len(seen) == chunks:
            raise KeyboardInterrupt

    return stop
