from collections import Counter

import pytest

from customers.files.mapping import (
    CUSTOMER_FIELDS,
    EVENT_FIELDS,
    PRODUCT_FIELDS,
    WORDS,
    UnknownColumns,
    field_named,
    given_columns,
    guess,
)


@pytest.mark.parametrize(
    "header",
    [
        ("Customer ID", "Product-ID", "Order Date", "Qty", "Unit Price", "Order No"),
        ("KUNDENNUMMER", "Artikelnummer", "Bestelldatum", "Menge", "Einzelpreis", "Bestellnr"),
        ("Client", "Référence", "Date commande", "Quantité", "Prix unitaire", "Commande"),
        ("Cliente", "Código", "Fecha", "Cantidad", "Precio unitario", "Pedido"),
        ("klant", "artikel", "besteldatum", "aantal", "stuksprijs", "bestelnummer"),
        ("客户编号", "产品id", "日期", "数量", "单价", "订单号"),
    ],
)
def test_columns_are_told_by_the_words_of_many_languages(header: tuple[str, ...]) -> None:
    fields = ("customer", "product", "occurred_at", "quantity", "unit_price", "order_id")

    assert guess(header, fields=EVENT_FIELDS) == {field: n for n, field in enumerate(fields)}


def test_the_more_telling_of_two_names_is_taken() -> None:
    assert guess(("sku", "product_id", "name"), fields=PRODUCT_FIELDS) == {"product": 1, "title": 2}


def test_a_date_and_a_time_of_day_go_together() -> None:
    assert guess(("date", "time"), fields=EVENT_FIELDS) == {"occurred_at": 0, "clock": 1}


def test_an_operator_names_columns_by_title_by_number_and_by_any_word_for_the_field() -> None:
    said = {"product": "StockCode", "price": "3", "date": "invoice date"}

    columns = given_columns(said, header=("StockCode", "Invoice Date", "P"), width=3, name="x.csv")

    assert columns == {"product": 0, "unit_price": 2, "occurred_at": 1}


def test_a_column_or_field_that_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(UnknownColumns, match=r"no column 'sku'. Its columns are 'a', 'b'"):
        given_columns({"product": "sku"}, header=("a", "b"), width=2, name="x.csv")
    with pytest.raises(UnknownColumns, match="No field is called 'shoe size'"):
        field_named("shoe size")


@pytest.mark.parametrize(
    ("fields", "but"),
    # Beside a date, a time is the clock's; alone it is the whole moment.
    [(EVENT_FIELDS, ["time"]), (PRODUCT_FIELDS, []), (CUSTOMER_FIELDS, [])],
)
def test_a_word_means_one_field_only(fields: tuple[str, ...], but: list[str]) -> None:
    meanings = Counter(word for field in fields for word in set(WORDS[field]))

    assert [word for word, fields_of_it in meanings.items() if fields_of_it > 1] == but
