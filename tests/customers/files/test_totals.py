"""An order's total on each of its lines would multiply the shop's revenue: it is asked about."""

from pathlib import Path
from typing import Any

import pytest

from customers.files.questions import Unclear

from . import made

HEAD = "order,date,customer,sku,qty,price,total\n"
REPEATED = (
    "1,2026-01-05,ann,mug,1,20.00,60.00\n"
    "1,2026-01-05,ann,pan,2,15.00,60.00\n"
    "1,2026-01-05,ann,cup,1,10.00,60.00\n"
    "2,2026-01-06,bob,mug,1,20.00,20.00\n"
)
OWN = "1,2026-01-05,ann,mug,1,20.00,20.00\n1,2026-01-05,ann,pan,2,15.00,30.00\n"


def amounts(path: Path, **options: Any) -> list[int | None]:
    return [event.amount for event in made.messages(path, **options)]


def asked(path: Path) -> str:
    with pytest.raises(Unclear) as unclear:
        made.inspect(path)
    return str(unclear.value)


def test_a_total_that_stands_on_each_line_of_its_order_is_asked_about(tmp_path: Path) -> None:
    said = asked(made.file(tmp_path, HEAD + REPEATED))

    assert "order 1: 3 lines, total 60.00, quantity x price 20.00 + 30.00 + 10.00" in said
    assert "--total line|order" in said


def test_an_orders_total_is_no_lines_amount(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEAD + REPEATED)

    assert "amount" not in made.inspect(path, total="order").reading.columns
    worth = [event.unit_price * event.quantity for event in made.messages(path, total="order")]
    assert worth == [2000, 3000, 1000, 2000]


def test_a_total_that_is_the_lines_own_stands(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEAD + REPEATED)

    assert amounts(path, total="line") == [6000, 6000, 6000, 2000]


@pytest.mark.parametrize(
    "rows",
    [
        OWN,
        # The same thing twice in one order, each line with its own total.
        "1,2026-01-05,ann,mug,1,20.00,20.00\n" * 2,
        # Rounded on the way.
        "1,2026-01-05,ann,mug,3,3.33,10.00\n1,2026-01-05,ann,pan,3,6.67,20.00\n",
        # No order has two lines: nothing is multiplied.
        "1,2026-01-05,ann,mug,1,20.00,24.95\n2,2026-01-06,bob,mug,1,20.00,24.95\n",
    ],
)
def test_totals_that_agree_with_their_lines_are_not_asked_about(tmp_path: Path, rows: str) -> None:
    assert "amount" in made.inspect(made.file(tmp_path, HEAD + rows)).reading.columns


def test_a_discount_explains_a_total(tmp_path: Path) -> None:
    head = "order,date,customer,sku,qty,price,discount,total\n"
    rows = "1,2026-01-05,ann,mug,1,20,5,15\n1,2026-01-05,ann,pan,2,15,10,20\n"

    assert amounts(made.file(tmp_path, head + rows)) == [1500, 2000]


def test_a_total_on_the_first_line_only_is_asked_about(tmp_path: Path) -> None:
    rows = "1,2026-01-05,ann,mug,1,20.00,50.00\n1,2026-01-05,ann,pan,2,15.00,\n"

    assert "total 50.00" in asked(made.file(tmp_path, HEAD + rows))


def test_orders_that_begin_after_the_sample_are_looked_at_too(tmp_path: Path) -> None:
    single = "".join(f"s{n},2026-01-01,ann,mug,1,20.00,20.00\n" for n in range(2_100))

    assert "order 1: 3 lines" in asked(made.file(tmp_path, HEAD + single + REPEATED))


def test_without_prices_one_total_on_all_lines_of_every_order_is_asked_about(
    tmp_path: Path,
) -> None:
    head = "order,date,customer,sku,total\n"
    rows = [f"{n},2026-01-05,ann,{sku},{n}0.00\n" for n in (1, 2, 3) for sku in ("mug", "pan")]

    assert "order 1: 2 lines, total 10.00" in asked(made.file(tmp_path, head + "".join(rows)))
    assert amounts(made.file(tmp_path, head + "".join(rows[:4]))) == [1000, 1000, 2000, 2000]


def test_lines_of_one_customer_and_day_are_an_order_where_none_is_named(tmp_path: Path) -> None:
    head = "date,customer,sku,qty,price,total\n"
    rows = "".join(line.partition(",")[2] for line in REPEATED.splitlines(keepends=True))

    assert "3 lines, total 60.00" in asked(made.file(tmp_path, head + rows))
