from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.files.money import (
    ForeignPrice,
    currencies_named,
    minor_units,
    price_reader,
    split_price,
)
from retention.present.currencies import minor_digits


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        ("2.55", "GBP", 255),
        ("£1,234.50", "GBP", 123450),
        ("-£5.00", "GBP", -500),
        ("($5.00)", "USD", -500),
        ("US$ 5.00", "USD", 500),
        ("GBP 5", "GBP", 500),
        ("5.00 kr", "SEK", 500),
        ("1500", "JPY", 1500),
        ("1.2345", "KWD", 1234),
        ("0.005", "GBP", 0),
        ("0.015", "GBP", 2),
        ("4.390000000000001", "GBP", 439),
    ],
)
def test_a_price_becomes_minor_units_half_to_even(cell: str, currency: str, minor: int) -> None:
    assert price_reader(mark=".", currency=currency)(cell).minor == minor


@pytest.mark.parametrize("cell", ["€5.00", "5 EUR", "USD 5", "$5"])
def test_a_price_in_another_currency_is_refused(cell: str) -> None:
    with pytest.raises(ForeignPrice, match="not in GBP"):
        price_reader(mark=".", currency="GBP")(cell)


def test_a_sign_that_is_no_currency_stays_part_of_the_cell() -> None:
    assert split_price("abc5") == ("", "abc5")
    assert split_price("12,50 zł") == ("zł", "12,50")
    assert split_price("5") == ("", "5")


def test_the_signs_beside_prices_name_their_currencies() -> None:
    assert currencies_named(["€5", "6 EUR", "7"]) == {("EUR",)}


def test_minor_digits_follow_iso_4217() -> None:
    assert [minor_digits(code) for code in ("GBP", "JPY", "KWD")] == [2, 0, 3]


@given(st.integers(0, 10**15), st.integers(1, 10**6))
def test_a_unit_price_is_the_total_divided_half_to_even(total: int, pieces: int) -> None:
    assert minor_units(Decimal(total) / pieces) == round(Fraction(total, pieces))
