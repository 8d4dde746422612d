"""Tables of two things crossed: each cell shaded by how many it counts, and opening them."""

from collections.abc import Sequence
from dataclasses import dataclass

from retention.present.charts.grids import shade
from retention.present.groups import HIDDEN, HIDDEN_CELL, at_least_few, is_told, told_cells
from retention.present.templatetags.present import number


@dataclass(frozen=True)
class Cell:
    """One crossing. depth : its shade, 0 to 9; url : the customers behind it, for who may
    see them."""

    count: str
    depth: int | None = None
    name: str = ""
    url: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Cell]
    total: str = ""


def crossed(
    labels: Sequence[str],
    counts: list[list[int]],
    urls: list[list[str]],
    *,
    may_open: bool,
    names: list[list[str]] | None = None,
    rows_add_up: bool = True,
) -> list[Row]:
    """The rows of a table, and its sums."""
    told = [[is_told(n) for n in row] for row in counts] if may_open else told_cells(counts)
    top = max((n for row in counts for n in row), default=0)
    hidden = HIDDEN if may_open else HIDDEN_CELL
    rows = []
    for i, label in enumerate(labels):
        cells = [
            Cell(
                count=number(n) if told[i][j] else hidden,
                depth=shade(n, 0, top) if told[i][j] and n else 0,
                name=names[i][j] if names else "",
                url=urls[i][j] if may_open and n else "",
            )
            for j, n in enumerate(counts[i])
        ]
        rows.append(Row(label, cells, at_least_few(sum(counts[i])) if rows_add_up else ""))
    sums = [Cell(at_least_few(sum(column))) for column in zip(*counts, strict=True)]
    whole = at_least_few(sum(map(sum, counts))) if rows_add_up else ""
    return [*rows, Row("All", sums, whole)]
