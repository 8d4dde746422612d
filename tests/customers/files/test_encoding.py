from pathlib import Path

import pytest

from customers.files.encoding import settle_encoding
from customers.files.opening import UnreadableFile
from customers.files.questions import Unclear

from . import made

CAFE = "product,title\n1,Café crème\n2,Müsli für Größe\n3,It\u2019s 5 € \u2013 señor\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = made.file(tmp_path, CAFE, encoding=encoding)

    letters = settle_encoding(path)

    assert path.read_bytes().decode(letters.encoding) == CAFE
    assert letters.words[0] == "Café"


def test_western_windows_files_are_recognised_and_shown(tmp_path: Path) -> None:
    letters = settle_encoding(made.file(tmp_path, CAFE, encoding="cp1252"))

    assert letters.encoding == "windows-1252"
    assert letters.words[:2] == ("Café", "crème")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Кофе с молоком", "cp1251"),
        ("カフェオレ", "cp932"),
        ("牛奶咖啡", "gb18030"),
        ("Crème brûlée à la fenêtre, déjà vu", "mac-roman"),
        ("für schöne Möhren", "cp850"),
    ],
)
def test_other_encodings_are_asked_about_and_never_guessed(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = made.file(tmp_path, f"product,title\n1,{text}\n", encoding=encoding)

    with pytest.raises(Unclear, match="--encoding"):
        settle_encoding(path)
    assert settle_encoding(path, given=encoding).encoding


def test_a_letter_far_down_the_file_still_counts(tmp_path: Path) -> None:
    text = "product,title\n" + "1,Mug\n" * 400_000 + "2,Café\n"
    path = made.file(tmp_path, text, encoding="cp1252", gz=True)

    assert settle_encoding(path).encoding == "windows-1252"


def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = made.file(tmp_path, CAFE, encoding="cp1252")

    with pytest.raises(UnreadableFile, match="byte 19 breaks it"):
        settle_encoding(path, given="utf-8")
    with pytest.raises(UnreadableFile, match="no encoding is called 'klingon'"):
        settle_encoding(path, given="klingon")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"a,b\n1,\x002\n")

    with pytest.raises(UnreadableFile, match="NUL"):
        settle_encoding(path)


def test_a_file_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    path = made.file(tmp_path, "a" * 5_000_000, gz=True)

    with pytest.raises(UnreadableFile, match="no table has such rows"):
        settle_encoding(path)


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"PK\x03\x04", "Excel workbook"), (b"%PDF-1.7", "a PDF"), (b"PAR1", "Parquet")],
)
def test_what_is_no_text_file_is_refused_by_its_name(
    tmp_path: Path, start: bytes, what: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(start + b"....")

    with pytest.raises(UnreadableFile, match=what):
        settle_encoding(path)


def test_a_damaged_archive_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    path = made.file(tmp_path, "product,title\n" + "1,Mug\n" * 50_000, gz=True)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(UnreadableFile, match="damaged"):
        settle_encoding(path)


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is empty"):
        settle_encoding(made.file(tmp_path, ""))
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        settle_encoding(tmp_path / "nowhere.csv")
