from pathlib import Path
from typing import Any

import pytest

from catalog.models import Product
from customers.models import Customer, Event, IngestBatch
from customers.services.import_file import begin_import, import_file
from customers.services.preview_file import Preview, preview_file
from tests.customers.files import made
from tests.make import NOW

pytestmark = pytest.mark.django_db

TEXT = (
    "Kunde;Artikel;Bezeichnung;Bestellung;Datum;Menge;Preis\n"
    "ann;mug;Blauer Becher;7;31.01.2026 10:00;2;1.250,50\n"
    "bob;mug;Blauer Becher;8;gestern;1;2,50\n"
    "bob;mug;Blauer Becher;9;01.02.1889;1;2,50\n"
    ";pan;;10;01.02.2026;-3;9,99\n"
)


def preview(path: Path, **options: Any) -> Preview:
    return preview_file(path, reading=made.inspect(path, **options).reading, at=NOW)


def test_a_preview_shows_each_row_as_it_was_understood(tmp_path: Path) -> None:
    shown = preview(made.file(tmp_path, TEXT))

    assert shown.rows[0].cells[:2] == ("ann", "mug")
    assert shown.rows[0].understood == {
        "kind": "PURCHASE",
        "customer": "ann",
        "product": "mug",
        "order_id": "7",
        "occurred_at": "Sat 31 January 2026, 10:00:00",
        "quantity": "2",
        "unit_price": "1,250.50 GBP",
        "title": "Blauer Becher",
    }
    assert [row.refused[:9] for row in shown.rows] == ["", "bad date:", "occurred ", ""]


def test_a_preview_stores_nothing(tmp_path: Path) -> None:
    preview(made.file(tmp_path, TEXT))

    counts = [model.objects.count() for model in (Event, Customer, Product, IngestBatch)]
    assert counts == [0, 0, 0, 0]


def test_what_the_preview_shows_is_what_the_import_does(tmp_path: Path) -> None:
    path = made.file(tmp_path, TEXT)
    shown = preview(path)

    inspection = made.inspect(path)
    batch = import_file(begin_import(path, inspection, name="x", at=NOW), clock=lambda: NOW)

    assert (shown.stored, shown.refused) == (batch.rows_stored, batch.rows_refused)
    assert [row.line for row in shown.rows if row.refused] == list(
        batch.refused.order_by("line").values_list("line", flat=True)
    )
    stored = Event.objects.order_by("order_id").values_list("kind", "quantity", "unit_price")
    assert set(stored) == {("PURCHASE", 2, 125050), ("RETURN", 3, 999)}
    assert [row.understood["kind"] for row in shown.rows if not row.refused] == [
        "PURCHASE",
        "RETURN",
    ]


def test_a_preview_says_what_is_known_already(tmp_path: Path) -> None:
    path = made.file(tmp_path, TEXT)
    inspection = made.inspect(path)
    import_file(begin_import(path, inspection, name="x", at=NOW), clock=lambda: NOW)

    assert preview(path).duplicates == 2
