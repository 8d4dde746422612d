import csv

import pytest

from retention.present.spreadsheet import Cell, as_csv, safe

SIGNS = ["=1", "+1", "-1", "@a", "|x", "%x", "\t=1", "\tx", "\r1", "\nx", " =1", "\uff1d1"]


@pytest.mark.parametrize("text", SIGNS)
def test_text_that_starts_like_a_formula_is_marked_as_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("plain", ["c-1042", "Win them back", "ann | mug", 42, -42, ""])
def test_numbers_and_plain_text_stay_as_they_are(plain: Cell) -> None:
    assert safe(plain) == plain


def test_every_cell_of_a_download_is_made_safe() -> None:
    answer = as_csv([("customer", "spent"), ("=cmd|' /C calc'!A0", -5)], name="customers")

    lines = answer.getvalue().decode().splitlines()
    assert list(csv.reader(lines))[1] == ["'=cmd|' /C calc'!A0", "-5"]
    assert answer["Content-Disposition"] == 'attachment; filename="customers.csv"'
