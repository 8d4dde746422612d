from collections.abc import Iterator

from customers.files.questions import Question
from customers.management.console import ProgressBar, answer, table


def bar(
    *, live: bool, ticks: Iterator[float], rows: Iterator[int]
) -> tuple[ProgressBar, list[str]]:
    written: list[str] = []
    return ProgressBar(
        write=written.append,
        name="x.csv",
        live=live,
        rows=lambda: next(rows),
        clock=lambda: next(ticks),
    ), written


def test_a_bar_tells_share_rows_rate_and_time_left() -> None:
    progress, written = bar(live=True, ticks=iter([0.0, 10.0]), rows=iter([0, 5_000]))

    progress(25, 100, "")

    line = "[######..................]  25%       5,000 rows      500/s 0:30 left  x.csv"
    assert written == [f"\r{line:<78}"]


def test_where_nobody_looks_on_it_says_little() -> None:
    progress, written = bar(live=False, ticks=iter([0.0, 5.0, 11.0]), rows=iter([0, 2]))

    progress(1, 2, "")
    progress(2, 2, "")

    assert len(written) == 1
    assert written[0].endswith("\n")


def test_an_import_that_goes_on_counts_its_rate_from_there() -> None:
    progress, _ = bar(live=True, ticks=iter([0.0, 10.0]), rows=iter([100_000, 100_500]))

    assert "50/s" in progress.line(0.5, 10.0)


def test_a_question_takes_a_choice_by_number_or_by_name() -> None:
    question = Question("dates", "Which?", ("D/M/Y", "M/D/Y"))
    said = iter(["9", "what", "2"])

    assert answer(question, write=lambda text: None, ask=lambda prompt: next(said)) == "M/D/Y"
    assert answer(question, write=lambda text: None, ask=lambda prompt: "D/M/Y") == "D/M/Y"


def test_columns_of_a_table_line_up() -> None:
    lines = list(table([["file", "read"], ["a", "1,000"], ["longer", "1,000"]]))

    assert lines == ["file     read", "a       1,000", "longer  1,000"]
