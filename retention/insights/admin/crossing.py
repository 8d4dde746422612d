"""Tables of two things crossed: each cell shaded by how many it counts, and opening them."""

from collections.abc import Sequence
from dataclasses import dataclass

from retention.present.charts.grids import shade
from retention.present.groups import HIDDEN_CELL, told_cells, with_sums
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
    """The rows of a table, and its sums. Where rows do not add up, each column is by itself."""
    told, sums = told_cells(counts), with_sums(counts)
    if not rows_add_up:
        columns = [told_cells([[n] for n in column]) for column in zip(*counts, strict=True)]
        told = [[one[i][0] for one in columns] for i in range(len(sums))]
    shown = [
        [number(n) if may else HIDDEN_CELL for n, may in zip(*line, strict=False)]
        for line in zip(sums, told, strict=True)
    ]
    top = max((n for row in counts for n in row), default=0)
    rows = [
        Row(
            label,
            [
                Cell(
                    count=shown[i][j],
                    depth=shade(n, 0, top) if told[i][j] and n else 0,
                    name=names[i][j] if names else "",
                    url=urls[i][j] if may_open and n else "",
                )
                for j, n in enumerate(counts[i])
            ],
            shown[i][-1] if rows_add_up else "",
        )
        for i, label in enumerate(labels)
    ]
    width = len(counts[0])
    below = [Cell(count) for count in shown[-1][:width]]
    return [*rows, Row("All", below, shown[-1][width] if rows_add_up else "")]
