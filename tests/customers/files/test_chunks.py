import tracemalloc
from pathlib import Path

import pytest

from customers.files.chunks import chunks

from . import made

HEADER = "customer,product,order,date,price\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("gz", [False, True])
def test_a_file_says_the_same_in_every_encoding(tmp_path: Path, encoding: str, gz: bool) -> None:
    header = "Kunde;Artikel;Bezeichnung;Datum;Preis\r\n"
    text = header + 'ann;1;"Größe ""M"",\r\nblau";31.01.2011;1.250,50\r\n'

    read = made.read(made.file(tmp_path, text, encoding=encoding, gz=gz))

    assert [told.title for told in read.titles] == ['Größe "M",\r\nblau']
    assert made.messages(tmp_path / "orders.csv")[0].unit_price == 125050


def test_cells_too_few_or_too_many_refuse_the_line(tmp_path: Path) -> None:
    text = HEADER + "ann,mug,7,2011-01-31\nann,mug,7,2011-01-31,2,50\nann,mug,7,2011-01-31,2.5\n"

    read = made.read(made.file(tmp_path, text))

    refused = [(one.line, one.reason, one.raw) for one in read.refused]
    assert refused[0] == (2, "cells_missing", "ann | mug | 7 | 2011-01-31")
    assert refused[1][:2] == (3, "too_many_cells")
    assert read.lines == [4]


def test_empty_columns_at_the_end_are_a_spreadsheets_habit(tmp_path: Path) -> None:
    text = (
        "customer,product,order,date,price,,\nann,mug,7,2011-01-31,2.5,,\nann,pan,7,2011-01-31,9\n"
    )

    assert len(made.messages(made.file(tmp_path, text))) == 2


def test_titles_beside_orders_are_told_once_and_again_when_they_change(tmp_path: Path) -> None:
    text = "customer,product,product name,date,price\n"
    text += "".join(f"ann,mug,{title},2011-01-31,2\n" for title in ("Mug", "Mug", "", "Big mug"))

    told = made.read(made.file(tmp_path, text)).titles

    assert [one.title for one in told] == ["Mug", "Big mug"]


def test_an_import_that_goes_on_sees_what_a_whole_one_sees(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEADER + "ann,mug,7,2011-01-31,2.50\n" * 50)
    reading = made.inspect(path).reading
    whole = made.messages(path)

    rest = list(chunks(path, reading=reading, undated_at=made.NOW, size=7, after=12))

    assert [m for chunk in rest for m in chunk.messages] == whole[12:]


def test_progress_is_counted_in_bytes_of_the_file(tmp_path: Path) -> None:
    path = made.file(tmp_path, HEADER + "ann,mug,7,2011-01-31,2.50\n" * 50, gz=True)

    *_, last = chunks(path, reading=made.inspect(path).reading, undated_at=made.NOW, size=10)

    assert last.consumed == path.stat().st_size


def test_memory_stays_flat_whatever_the_files_size(tmp_path: Path) -> None:
    header = "customer,product,order,date,price,note\n"
    rows = [f"c{n},p{n},o{n},2011-01-31,{n % 97}.50,{'-' * 300}\n" for n in range(12_000)]
    small = made.file(tmp_path, header + "".join(rows), name="small.csv", gz=True)
    large = made.file(tmp_path, header + "".join(rows * 4), name="large.csv", gz=True)

    assert peak(large) < 1.2 * peak(small)


def peak(path: Path) -> int:
    """Bytes of memory at the most while a file is inspected and read."""
    tracemalloc.start()
    reading = made.inspect(path).reading
    for _ in chunks(path, reading=reading, undated_at=made.NOW, size=1_000):
        pass
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return used
