"""Tables of two things crossed: each cell shaded by how many it counts, and opening them."""

from collections.abc import Sequence
from dataclasses import dataclass

from retention.present.charts.grids import shade
from retention.present.groups import HIDDEN_CELL, with_sums
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
    told: list[list[bool]] | None,
    names: list[list[str]] | None = None,
    rows_add_up: bool = True,
) -> list[Row]:
    """The rows of a table, and its sums.

    told : which of its numbers and sums may be told; None for who may look customers up, and is
        told and can open all of them.
    """
    sums = with_sums(counts)
    may = told or [[True] * len(row) for row in sums]
    shown = [_shown(*line) for line in zip(sums, may, strict=True)]
    lines = zip(counts, may, strict=False)
    top = max((n for line in lines for n, it in zip(*line, strict=False) if it), default=0)
    rows = [
        Row(
            label,
            [
                Cell(
                    count=shown[i][j],
                    depth=shade(n, 0, top) if may[i][j] and n else 0,
                    name=names[i][j] if names else "",
                    url=urls[i][j] if told is None and n else "",
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


def _shown(counts: list[int], may: list[bool]) -> list[str]:
    return [number(n) if it else HIDDEN_CELL for n, it in zip(counts, may, strict=False)]
