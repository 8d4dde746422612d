from pathlib import Path
from typing import Any

import pytest

from customers.files.columns import NoFacts
from customers.files.inspect import BadOption
from customers.files.questions import Unclear
from customers.files.reading import Options, Reading

from . import made

ORDERS = "customer,product,order,date,qty,price\nann,mug,7,{date},1,{price}\n"


def asked(path: Path, **options: Any) -> list[str]:
    """The options that the file leaves open."""
    with pytest.raises(Unclear) as unclear:
        made.inspect(path, **options)
    return [question.option for question in unclear.value.questions]


def test_a_file_that_says_everything_leaves_nothing_open(tmp_path: Path) -> None:
    text = ORDERS.format(date="31/01/2011", price="£2.50")

    found = made.inspect(made.file(tmp_path, text))

    assert found.layout.name == "events"
    assert (found.reading.dates, found.reading.decimal) == ("D/M/Y", ".")
    assert (found.reading.kind, found.reading.currency) == ("PURCHASE", "GBP")


def test_all_that_is_open_is_asked_at_once(tmp_path: Path) -> None:
    path = made.file(tmp_path, ORDERS.format(date="01/02/2011", price='"1,250"'))

    assert asked(path) == ["decimal", "dates"]
    assert made.inspect(path, decimal=".", dates="D/M/Y").reading.dates == "D/M/Y"


def test_a_question_shows_the_cells_that_raise_it(tmp_path: Path) -> None:
    path = made.file(tmp_path, ORDERS.format(date="01/02/2011", price="2.50"))

    with pytest.raises(Unclear, match=r"01/02/2011.*--dates D/M/Y\|M/D/Y\|Y-M-D"):
        made.inspect(path)


def test_the_cell_that_settles_it_may_stand_on_the_last_line(tmp_path: Path) -> None:
    open_rows = 'ann,mug,7,01/02/2011,1,"1,250"\n' * 5_000
    text = "customer,product,order,date,qty,price\n" + open_rows + "ann,mug,7,31/01/2011,1,2.50\n"

    reading = made.inspect(made.file(tmp_path, text)).reading

    assert (reading.dates, reading.decimal) == ("D/M/Y", ".")


def test_half_of_the_cells_against_the_other_half_is_asked_about(tmp_path: Path) -> None:
    text = ORDERS.format(date="31/01/2011", price="2.50") + 'bob,mug,8,01/31/2011,1,"2,50"\n'

    assert asked(made.file(tmp_path, text)) == ["decimal", "dates"]


def german(*, points: int, commas: int) -> str:
    rows = ["ann;mug;7;31.01.2011;1;12,50\n"] * commas
    rows[26:26] = ["ann;mug;7;31.01.2011;1;4.00\n"] * points
    return "customer;product;order;date;qty;price\n" + "".join(rows)


def test_a_number_against_many_is_asked_about_with_the_evidence(tmp_path: Path) -> None:
    path = made.file(tmp_path, german(points=1, commas=65))

    evidence = r"65 say comma \(line 2: 12,50\), 1 says point \(line 28: 4\.00\)"
    with pytest.raises(Unclear, match=evidence):
        made.inspect(path)
    assert made.refusal(path, decimal=",") == (28, "bad_price")


def test_one_number_in_a_hundred_is_refused_by_its_line(tmp_path: Path) -> None:
    path = made.file(tmp_path, german(points=1, commas=99))

    assert made.refusal(path) == (28, "bad_price")


def test_the_decimal_question_names_a_cell_and_its_line(tmp_path: Path) -> None:
    path = made.file(tmp_path, ORDERS.format(date="31/01/2011", price='"1,250"'))

    with pytest.raises(Unclear, match="line 2: 1,250"):
        made.inspect(path)


def test_prices_in_euros_are_not_taken_for_pounds(tmp_path: Path) -> None:
    euros = made.file(tmp_path, ORDERS.format(date="2011-01-31", price="€2.50"))
    dollars = made.file(tmp_path, ORDERS.format(date="2011-01-31", price="$2.50"), name="us.csv")

    assert made.inspect(euros).reading.currency == "EUR"
    assert asked(dollars) == ["currency"]


def test_rows_without_dates_need_a_day_unless_they_are_ratings(tmp_path: Path) -> None:
    baskets = made.file(tmp_path, "order,product\n1,mug\n", name="baskets.csv")
    ratings = made.file(tmp_path, "user_id,item_id,rating\n1,2,4.5\n", name="rating.csv")

    assert asked(baskets) == ["on"]
    assert made.message(baskets, on="2024-05-01").occurred_at.isoformat() == (
        "2024-04-30T23:00:00+00:00"
    )
    assert made.message(ratings).occurred_at == made.NOW


def test_a_visit_without_a_kind_is_asked_what_it_is(tmp_path: Path) -> None:
    path = made.file(tmp_path, "user,product,date\nann,mug,2011-01-31\n")

    assert asked(path) == ["kind"]
    assert made.message(path, kind="view").kind == "VIEW"


def test_columns_that_nobody_can_tell_are_asked_about(tmp_path: Path) -> None:
    path = made.file(tmp_path, "wer,was,wann\nann,mug,2011-01-31\n")

    assert asked(path) == ["map"]
    mapped = {"customer": "wer", "product": "was", "date": "wann"}
    assert made.message(path, map=mapped, kind="CART").product == "mug"


def test_two_columns_of_one_name_are_asked_about_if_they_differ(tmp_path: Path) -> None:
    text = "customer,product,date,price,price\nann,mug,2011-01-31,2.50,{}\n"
    differing = made.file(tmp_path, text.format("3.00"))
    equal = made.file(tmp_path, text.format("2.50"), name="equal.csv")

    assert asked(differing) == ["map"]
    assert made.message(differing, map={"price": "5"}).unit_price == 300
    assert made.message(equal).unit_price == 250


@pytest.mark.parametrize("rows", ["1,2,5\n3,4,3.5\n", "1\t2\t5\t881250949\n3\t4\t1\t881250949\n"])
def test_the_textbooks_ratings_need_no_header(tmp_path: Path, rows: str) -> None:
    found = made.inspect(made.file(tmp_path, rows))

    assert found.layout.name == "ratings"
    assert found.reading.header == ()


def test_products_and_customers_are_told_from_orders(tmp_path: Path) -> None:
    products = made.file(tmp_path, "sku,name,price,stock\nm1,Mug,2.50,4\n", name="p.csv")
    customers = made.file(tmp_path, "customer id,email\nann,ann@example.org\n", name="c.csv")

    assert made.inspect(products).layout.name == "products"
    assert made.inspect(customers).layout.name == "customers"


def test_a_file_without_facts_says_why(tmp_path: Path) -> None:
    path = made.file(tmp_path, "customerID,tenure,MonthlyCharges,Churn\nx,1,2.0,No\n")

    with pytest.raises(NoFacts, match="nothing of this file is a shop fact: it is a snapshot"):
        made.inspect(path)


@pytest.mark.parametrize(
    "options",
    [
        {"decimal": ";"},
        {"dates": "D.M.Y"},
        {"currency": "pounds"},
        {"timezone": "London"},
        {"on": "31/01/2011"},
        {"on": "9999-12-31"},
        {"delimiter": "x"},
    ],
)
def test_an_option_that_means_nothing_is_refused(tmp_path: Path, options: dict[str, str]) -> None:
    path = made.file(tmp_path, ORDERS.format(date="2011-01-31", price="2.50"))

    with pytest.raises(BadOption):
        made.inspect(path, **options)


def test_a_reading_and_options_survive_the_database(tmp_path: Path) -> None:
    path = made.file(tmp_path, ORDERS.format(date="2011-01-31", price="2.50"))
    reading = made.inspect(path, consents=("MARKETING",)).reading
    options = Options(map={"product": "sku"}, consents=("MARKETING",))

    assert Reading.from_json(reading.as_json()) == reading
    assert Options.from_json(options.as_json()) == options


def test_a_column_can_be_left_out_whatever_its_name_says(tmp_path: Path) -> None:
    path = made.file(tmp_path, "customer,product,date,price,title\nann,mug,2011-01-31,2.50,x\n")

    assert "title" in made.inspect(path).reading.columns
    assert "title" not in made.inspect(path, map={"title": "-"}).reading.columns
