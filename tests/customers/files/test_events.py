from pathlib import Path
from typing import Any

import pytest

from customers.files.events import kind_named

from . import made

HEADER = "customer,product,order,date,qty,price,total,discount,kind,currency,rating"
PLAIN = {"customer": "ann", "product": "mug", "order": "7", "date": "2011-01-31 10:00"}


def row(folder: Path, **cells: str) -> Path:
    given = PLAIN | cells
    line = ",".join(f'"{given.get(name, "")}"' for name in HEADER.split(","))
    return made.file(folder, f"{HEADER}\n{line}\n")


def read(folder: Path, **cells: str) -> Any:
    return made.message(row(folder, **cells), decimal=".", kind="PURCHASE")


def test_a_line_of_an_order(tmp_path: Path) -> None:
    event = read(tmp_path, qty="3", price="2.50")

    assert (event.kind, event.customer, event.product, event.order_id) == (
        "PURCHASE",
        "ann",
        "mug",
        "7",
    )
    assert (event.quantity, event.unit_price, event.amount, event.currency) == (3, 250, None, "GBP")


def test_a_total_stands_and_the_price_follows_from_it(tmp_path: Path) -> None:
    event = read(tmp_path, qty="3", total="5.00", discount="1.00")

    assert (event.amount, event.discount, event.unit_price) == (500, 100, 200)


def test_a_derived_price_always_covers_the_discount(tmp_path: Path) -> None:
    event = read(tmp_path, qty="3", total="0", discount="1.00")

    assert event.unit_price * event.quantity >= event.discount


def test_a_price_of_less_than_a_penny_is_multiplied_before_it_is_rounded(tmp_path: Path) -> None:
    event = read(tmp_path, qty="1000", price="0.075")

    assert (event.unit_price, event.amount) == (8, 7500)


def test_a_discount_written_below_zero_is_a_discount(tmp_path: Path) -> None:
    assert read(tmp_path, price="5", discount="-1.50").discount == 150


def test_a_negative_quantity_is_a_return(tmp_path: Path) -> None:
    event = read(tmp_path, qty="-2", price="2.50", total="-5.00")

    assert (event.kind, event.quantity, event.unit_price, event.amount) == ("RETURN", 2, 250, 500)


def test_a_free_piece_is_a_purchase(tmp_path: Path) -> None:
    assert read(tmp_path, price="0").unit_price == 0


def test_a_rows_own_currency_has_its_own_minor_units(tmp_path: Path) -> None:
    event = read(tmp_path, price="500", currency="jpy")

    assert (event.unit_price, event.currency) == (500, "JPY")


def test_where_orders_have_no_number_one_moment_of_a_customer_is_one(tmp_path: Path) -> None:
    assert read(tmp_path, order="").order_id == "ann-2011-01-31T10:00:00"
    assert read(tmp_path, order="", date="2011-07-31").order_id == "ann-2011-07-31"


def test_a_nameless_purchase_of_nobody_is_an_order_of_its_own(tmp_path: Path) -> None:
    text = "customer,product,date,price\n,mug,2011-01-31,2\n,pan,2011-01-31,2\n"

    first, second = made.messages(made.file(tmp_path, text))

    assert first.order_id != second.order_id


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"date": ""}, "missing_date"),
        ({"date": "31/02/2011"}, "bad_date"),
        ({"qty": "0"}, "bad_quantity"),
        ({"qty": "1.5"}, "bad_quantity"),
        ({"qty": "some"}, "bad_quantity"),
        ({"price": "-2.50"}, "negative_price"),
        ({"price": "2,5"}, "bad_price"),
        ({"price": "€2.50"}, "bad_price"),
        ({"rating": "good"}, "bad_rating"),
        ({"product": "5.01E+12"}, "bad_id"),
    ],
)
def test_a_broken_cell_refuses_its_line(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    path = row(tmp_path, **cells)

    options = {"decimal": ".", "dates": "D/M/Y", "currency": "GBP", "kind": "PURCHASE"}
    assert made.refusal(path, **options) == (2, reason)


def test_a_line_keeps_its_name_in_another_file(tmp_path: Path) -> None:
    text = "customer,product,order,date,price\nann,mug,7,2011-01-31,2.50\n"
    german = "Kunde;Artikel;Bestellung;Datum;Preis\nann;mug;7;31.01.2011;2,50 £\n"

    english_line = made.message(made.file(tmp_path, text))
    german_line = made.message(made.file(tmp_path, german, name="bestellungen.csv"))

    assert english_line == german_line


def test_a_line_twice_in_one_order_is_two_and_the_order_again_is_none(tmp_path: Path) -> None:
    order = "ann,mug,7,2011-01-31,2.50\n" * 2
    other = "bob,pan,8,2011-01-31,9.00\n"
    text = "customer,product,order,date,price\n" + order + other + order

    names = [m.message_id for m in made.messages(made.file(tmp_path, text))]

    assert len(set(names)) == 3
    assert names[:2] == names[3:]


def test_a_rating_without_a_moment_keeps_its_name_whenever_it_is_read(tmp_path: Path) -> None:
    path = made.file(tmp_path, "user_id,item_id,rating\n1,2,4.5\n")
    again = made.file(tmp_path, "user_id,item_id,rating\n1,2,4.5\n", name="again.csv")

    assert made.message(path).message_id == made.message(again).message_id


def test_a_shops_own_name_of_a_line_is_kept(tmp_path: Path) -> None:
    path = made.file(tmp_path, "event_id,user,product,date,kind\ne1,ann,mug,2011-01-31,view\n")

    assert made.message(path).message_id == "e1"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Add to cart", "CART"),
        ("addtocart", "CART"),
        ("product_viewed", "VIEW"),
        ("Bestellung", "PURCHASE"),
        ("transaction", "PURCHASE"),
        ("Refunded", "RETURN"),
        ("gift wrapped", "GIFT_WRAPPED"),
    ],
)
def test_kinds_are_told_by_many_words_and_others_stay_the_shops_own(word: str, kind: str) -> None:
    assert kind_named(word) == kind
