from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.fixtures import Settings

from catalog.models import Product
from customers.management.commands import import_shop
from customers.management.demonstration import mark_demonstration
from customers.models import Consent, CustomerContact, Event, IngestBatch
from tests import make
from tests.customers.files import made

pytestmark = pytest.mark.django_db

ORDERS = "customer,product,order,date,price\nann,mug,7,2026-01-31,2.50\nbob,mug,8,never,2.50\n"
AMBIGUOUS = "customer,product,order,date,price\nann,mug,7,02/01/2016,2.50\n"


def run(*paths: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_shop", *map(str, paths), stdout=out, **options)
    return out.getvalue()


def code(*paths: Path, **options: Any) -> int:
    with pytest.raises(CommandError) as refused:
        run(*paths, **options)
    return refused.value.returncode


def test_it_shows_how_it_reads_then_imports_then_says_what_became_of_it(tmp_path: Path) -> None:
    said = run(made.file(tmp_path, ORDERS))

    assert "columns    customer=customer, product=product, order_id=order" in said
    assert "orders.csv     2       1           0        1" in said
    assert "line 3: 'never' is no date" in said
    assert Event.objects.count() == 1


def test_a_preview_stops_before_importing(tmp_path: Path) -> None:
    said = run(made.file(tmp_path, ORDERS), preview=True)

    assert "Of these 2 rows 1 would be stored, 0 are known, 1 would be refused." in said
    assert not IngestBatch.objects.exists()


def test_several_files_go_in_one_call_whatever_their_order(tmp_path: Path) -> None:
    orders = made.file(tmp_path, ORDERS)
    products = made.file(tmp_path, "sku,name\nmug,Blue mug\n", name="products.csv")

    said = run(orders, products, orders)

    assert said.index("products.csv: 1 rows") < said.index("orders.csv: 2 rows")
    assert Product.objects.get().title == "Blue mug"
    assert IngestBatch.objects.count() == 2


def test_a_question_that_nobody_can_answer_ends_the_call(tmp_path: Path) -> None:
    clear, open_ = made.file(tmp_path, ORDERS), made.file(tmp_path, AMBIGUOUS, name="open.csv")

    assert code(clear, open_) == import_shop.USAGE
    assert not Event.objects.exists()
    assert run(open_, dates="D/M/Y")


def test_a_file_that_cannot_be_read_ends_the_call(tmp_path: Path) -> None:
    telco = made.file(tmp_path, "customerID,tenure,MonthlyCharges,Churn\nx,1,2.0,No\n")

    assert code(telco) == import_shop.UNREADABLE
    assert code(tmp_path / "nowhere.csv") == import_shop.UNREADABLE


@pytest.mark.parametrize(
    "options",
    [
        {"map": "product"},
        {"map": "product=sku"},
        {"consent": "everything"},
        {"timezone": "London"},
        {"currency": "pounds"},
    ],
)
def test_an_option_that_means_nothing_is_a_mistake_of_the_call(
    tmp_path: Path, options: dict[str, str]
) -> None:
    assert code(made.file(tmp_path, ORDERS), **options) == import_shop.USAGE


def test_options_reach_the_rows(tmp_path: Path) -> None:
    path = made.file(tmp_path, "who,what,day\nann,mug,02/01/2016\n")
    mapped = "customer=who,product=what,date=day"

    run(path, map=mapped, dates="M/D/Y", kind="cart", source="web", consent="marketing")

    event = Event.objects.get()
    assert (event.kind, event.source, event.occurred_at.month) == ("CART", "web", 2)
    assert Consent.objects.get().purpose == "MARKETING"


def test_the_same_file_by_another_reading_needs_a_second_word(tmp_path: Path) -> None:
    path = made.file(tmp_path, ORDERS)
    run(path)

    assert code(path, timezone="Asia/Tokyo") == import_shop.USAGE
    assert "1           0        1" in run(path, timezone="Asia/Tokyo", again=True)


def test_what_stands_beside_orders_is_named_and_taken_by_a_second_import(tmp_path: Path) -> None:
    head = "customer,email,full name,product,order,date,price,gift\n"
    rows = (
        "ann,ann@shop.test,Ann,mug,7,2026-01-31,2.50,no\n"
        "ann,ann@shop.test,Ann,pan,7,2026-01-31,9,no\n"
    )
    path = made.file(tmp_path, head + rows)

    said = run(path)
    assert "not read   email, full name, gift" in said
    assert "Not read of orders.csv: email and full name say who a customer is" in said

    run(path, layout="customers")
    contact = CustomerContact.objects.get()
    assert (contact.email, contact.name) == ("ann@shop.test", "Ann")
    assert Event.objects.count() == 2


def test_at_a_terminal_questions_are_asked_until_they_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(["7", "", "2", "y"])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(said))
    monkeypatch.setattr(import_shop.Command, "is_live", lambda command: True)

    out = run(made.file(tmp_path, AMBIGUOUS))

    assert "Do its dates begin with the day" in out
    assert Event.objects.get().occurred_at.month == 2


def test_at_a_terminal_no_means_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt="": "n")
    monkeypatch.setattr(import_shop.Command, "is_live", lambda command: True)

    assert code(made.file(tmp_path, ORDERS)) == import_shop.USAGE
    assert not IngestBatch.objects.exists()


def test_at_a_terminal_the_first_rows_are_shown_before_one_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt="": "y")
    monkeypatch.setattr(import_shop.Command, "is_live", lambda command: True)
    lines = "".join(f"ann,mug,{n},2026-01-31,2.50\n" for n in range(8))

    said = run(made.file(tmp_path, ORDERS + lines))

    assert "line 2: kind PURCHASE; customer ann; product mug; order_id 7" in said
    assert "line 3: refused, bad date" in said
    assert "Of these 5 rows 4 would be stored" in said
    assert "line 2:" not in run(made.file(tmp_path, ORDERS + lines), yes=True)


def test_stopping_at_a_question_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(prompt: str = "") -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", stop)
    monkeypatch.setattr(import_shop.Command, "is_live", lambda command: True)

    assert code(made.file(tmp_path, AMBIGUOUS)) == import_shop.INTERRUPTED
    assert not IngestBatch.objects.exists()


@pytest.fixture
def demonstration(tmp_path: Path, settings: Settings) -> None:
    """The database's customers are invented."""
    settings.ARTIFACT_DIR = tmp_path / "models"
    make.customer()
    mark_demonstration()


@pytest.mark.usefixtures("demonstration")
def test_real_rows_are_not_mixed_into_the_demonstration_unasked(tmp_path: Path) -> None:
    orders = made.file(tmp_path, ORDERS)

    assert code(orders) == import_shop.USAGE
    assert not Event.objects.exists()


@pytest.mark.usefixtures("demonstration")
def test_whoever_means_it_mixes_them(tmp_path: Path) -> None:
    run(made.file(tmp_path, ORDERS), yes=True)

    assert Event.objects.exists()


@pytest.mark.usefixtures("demonstration")
def test_the_mark_is_of_one_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "elsewhere")

    assert run(made.file(tmp_path, ORDERS))


def test_a_database_without_tables_is_named_with_the_way_out(
    tmp_path: Path,
) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="customers").delete()

    with pytest.raises(CommandError, match=r"manage\.py start"):
        run(made.file(tmp_path, ORDERS))
