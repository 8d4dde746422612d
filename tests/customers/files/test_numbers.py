from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.files.numbers import Mark, NotANumber, decimal_of, votes, whole_reader


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("2.55", ".", "2.55"),
        ("1.234,50", ",", "1234.50"),
        ("1,234.50", ".", "1234.50"),
        ("1,234", ".", "1234"),
        ("1.234", ",", "1234"),
        ("1,23,456.7", ".", "123456.7"),
        ("1 234,5", ",", "1234.5"),
        ("1\u00a0234,5", ",", "1234.5"),
        ("1'234.50", ".", "1234.50"),
        ("-3", ".", "-3"),
        ("\u22123", ".", "-3"),
        ("(3.10)", ".", "-3.10"),
        ("3.10-", ".", "-3.10"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("1.2E+3", ".", "1200"),
    ],
)
def test_a_number_is_read_as_the_file_writes_them(cell: str, mark: Mark, value: str) -> None:
    assert decimal_of(cell, mark=mark) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("12,50", "."),
        ("12.50", ","),
        ("1.23.4", ","),
        ("abc", "."),
        ("", "."),
        ("1,2,3", "."),
        ("٣", "."),
    ],
)
def test_what_does_not_fit_the_mark_is_refused_and_not_turned_into_another_number(
    cell: str, mark: Mark
) -> None:
    with pytest.raises(NotANumber):
        decimal_of(cell, mark=mark)


@pytest.mark.parametrize(
    ("cell", "vote"),
    [
        ("2.55", "."),
        ("2,55", ","),
        ("1.234,50", ","),
        ("1,234.50", "."),
        ("1,234,567", "."),
        ("1.234.567", ","),
        ("1234,567", ","),
        ("0,500", ","),
        ("1,234", "?"),
        ("1.234", "?"),
        ("12", None),
        ("n/a", None),
    ],
)
def test_a_cell_votes_for_a_mark_only_if_it_proves_it(cell: str, vote: str | None) -> None:
    assert dict(votes([cell])) == ({vote: 1} if vote else {})


@given(st.decimals(0, 10**9, places=2), st.sampled_from([".", ","]), st.booleans())
def test_a_written_number_reads_back(value: Decimal, mark: Mark, grouped: bool) -> None:
    text = f"{value:,.2f}" if grouped else f"{value:.2f}"
    if mark == ",":
        text = text.translate(str.maketrans(".,", ",."))

    assert decimal_of(text, mark=mark) == value
    assert votes([text])[mark] == 1


def test_a_quantity_is_whole_however_a_spreadsheet_pads_it() -> None:
    whole = whole_reader(mark=".")

    assert [whole("2"), whole("2.0"), whole("-1,000")] == [2, 2, -1000]
    with pytest.raises(NotANumber, match="whole"):
        whole("1.5")
