"""Shopify's orders export, by rows of our own making in its columns."""

from pathlib import Path
from typing import Any

import pytest

from . import made

HEAD = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,"
    "Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Cancelled at,Refunded Amount\n"
)
DAY = "2026-01-31 10:00:00 +0100"


def first(
    order: str = "#1001", *, status: str = "paid", cancelled: str = "", sku: str = "M1"
) -> str:
    return (
        f"{order},Ann@Shop.test,{status},{DAY},fulfilled,EUR,50.00,5.00,0.00,55.00,"
        f"TEN,0.00,{DAY},1,Mug,20.00,,{sku},{cancelled},0.00\n"
    )


def second(order: str = "#1001", *, email: str = "Ann@Shop.test", day: str = DAY) -> str:
    return f"{order},{email},,,,,,,,,,,{day},2,Pan,15.00,,P1,,\n"


def events(folder: Path, *rows: str) -> list[Any]:
    return made.messages(made.file(folder, HEAD + "".join(rows)))


def test_an_order_is_its_lines_and_not_its_totals(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEAD + first() + second())

    mug, pan = made.messages(path)

    assert made.inspect(path).layout.name == "shopify-orders"
    assert (mug.order_id, mug.product, mug.quantity, mug.unit_price) == ("#1001", "M1", 1, 2000)
    assert (pan.order_id, pan.product, pan.quantity, pan.unit_price) == ("#1001", "P1", 2, 1500)
    assert (mug.kind, mug.amount, mug.discount) == ("PURCHASE", None, 0)
    assert mug.occurred_at.isoformat() == "2026-01-31T09:00:00+00:00"


def test_the_address_is_the_customers_id_however_it_is_typed(tmp_path: Path) -> None:
    (event,) = events(tmp_path, first())

    assert (event.customer, event.customer_source) == ("ann@shop.test", "shop")


def test_later_rows_of_an_order_are_as_its_first(tmp_path: Path) -> None:
    mug, pan = events(tmp_path, first(), second(email="", day=""))

    assert (pan.customer, pan.occurred_at, pan.currency) == (mug.customer, mug.occurred_at, "EUR")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (first(cancelled=DAY), "order_cancelled"),
        (first(status="pending"), "order_not_paid"),
        (first(status="voided"), "order_not_paid"),
        (first(status="refunded"), "order_refunded"),
    ],
)
def test_an_order_that_came_to_nothing_is_refused_in_all_its_lines(
    tmp_path: Path, row: str, reason: str
) -> None:
    read = made.read(made.file(tmp_path, HEAD + row + second() + first("#1002") + second("#1002")))

    assert [(one.line, one.reason) for one in read.refused] == [(2, reason), (3, reason)]
    assert [cells[0] for cells in read.raws] == ["#1002", "#1002"]


@pytest.mark.parametrize("status", ["partially_refunded", "partially_paid"])
def test_what_was_paid_in_part_is_a_purchase(tmp_path: Path, status: str) -> None:
    assert len(events(tmp_path, first(status=status), second())) == 2


def test_a_product_without_a_number_goes_by_its_name(tmp_path: Path) -> None:
    (event,) = events(tmp_path, first(sku=""))

    assert event.product == "Mug"
