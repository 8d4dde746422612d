from pathlib import Path

import pytest

from customers.files.opening import UnreadableFile
from customers.files.questions import Unclear
from customers.files.rows import reading_rows, settle_shape

from . import made


def rows(path: Path, delimiter: str = ",") -> list[tuple[int, list[str]]]:
    with reading_rows(path, encoding="utf-8", delimiter=delimiter) as found:
        return list(found)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "::"])
def test_the_delimiter_is_the_one_the_rows_agree_on(tmp_path: Path, mark: str) -> None:
    text = f"user{mark}item{mark}stars\n1{mark}2{mark}3\n4{mark}5{mark}3,5\n"

    shape = settle_shape(made.file(tmp_path, text), encoding="utf-8")

    assert (shape.delimiter, shape.header) == (mark, ("user", "item", "stars"))


def test_a_decimal_comma_is_no_delimiter(tmp_path: Path) -> None:
    path = made.file(tmp_path, "product;price\nmug;1,50\npan;2,50\n")

    assert settle_shape(path, encoding="utf-8").delimiter == ";"


def test_two_delimiters_that_would_do_are_asked_about(tmp_path: Path) -> None:
    path = made.file(tmp_path, "a,b;c\n1,2;3\n")

    with pytest.raises(Unclear, match=r"--delimiter comma\|semicolon"):
        settle_shape(path, encoding="utf-8")


def test_excels_own_delimiter_line_is_no_row(tmp_path: Path) -> None:
    path = made.file(tmp_path, "sep=;\nproduct;price\nmug;1,50\n")

    assert settle_shape(path, encoding="utf-8").header == ("product", "price")
    assert made.read(path).lines == [3]


def test_a_first_row_of_values_is_no_header(tmp_path: Path) -> None:
    path = made.file(tmp_path, "1\t2\t3\t881250949\n4\t5\t6\t881250949\n")

    assert settle_shape(path, encoding="utf-8").header == ()


def test_a_row_is_named_by_the_line_it_begins_on(tmp_path: Path) -> None:
    path = made.file(tmp_path, 'a,b\r\n1,"two\r\nlines"\r\n\r\n,\r\n3,4\r\n')

    assert rows(path) == [(1, ["a", "b"]), (2, ["1", "two\r\nlines"]), (6, ["3", "4"])]


def test_a_quote_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    path = made.file(tmp_path, 'a,b\n1,"oh\n' + "2,3\n" * 50_000)

    with pytest.raises(UnreadableFile, match="from line 2 on"):
        rows(path)


@pytest.mark.parametrize("text", ["nothing but words\nhere\n", "a,b\n"])
def test_a_file_without_columns_or_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile):
        settle_shape(made.file(tmp_path, text), encoding="utf-8")
