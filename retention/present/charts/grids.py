"""Two things crossed: months of a cohort, recency against value."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .frame import Frame, known, room_for
from .svg import Picture, cut, linked, mark, text

SHADES = 10
ROW = 30
HEAD = 24


@dataclass(frozen=True)
class Cell:
    """One crossing: the value shades it, the words stand in it; `url` leads to the rows behind."""

    value: float
    words: str
    says: str = ""
    url: str = ""


def heat_map(
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    *,
    title: str,
    desc: str = "",
    scale: tuple[float, float] | None = None,
    row_notes: Sequence[str] = (),
    empty: str = "No data yet.",
    width: float = 960,
) -> SafeString:
    """A grid of shaded cells; None is left blank, for what has not happened yet.

    cells : a row a row label, a cell a column label.
    scale : the values of the palest and the deepest shade; without it the cells' own extremes.
    row_notes : a second word beside each row label, such as the size of the cohort.
    """
    picture = Picture("heat", title, desc, width, HEAD + (len(row_labels) or 3) * ROW)
    values = known(cell.value for row in cells for cell in row if cell)
    if not values:
        return picture.without_data(empty)
    left = room_for(row_labels) + (room_for(row_notes) if row_notes else 0)
    frame = Frame(left, HEAD, width, picture.height)
    grid = _Grid(frame, len(column_labels), scale or (min(values), max(values)))
    return picture.of(
        *grid.heads(column_labels),
        *grid.sides(row_labels, row_notes),
        *(
            grid.cell(cell, i, j, f"{row_labels[i]}, {column_labels[j]}")
            for i, row in enumerate(cells)
            for j, cell in enumerate(row)
            if cell and known([cell.value])
        ),
        links=any(cell.url for row in cells for cell in row if cell),
    )


def shade(value: float, low: float, high: float) -> int:
    """0 for the palest to 9 for the deepest; values beyond the scale take its ends."""
    share = (value - low) / (high - low) if high > low else 0.5
    return min(max(int(share * SHADES), 0), SHADES - 1)


@dataclass(frozen=True)
class _Grid:
    frame: Frame
    columns: int
    scale: tuple[float, float]

    def heads(self, labels: Sequence[str]) -> list[SafeString]:
        at, wide = self.frame.centres(self.columns), self.frame.width / max(self.columns, 1)
        return [
            text(cut(s, wide), x, 15, anchor="middle", tone="tick")
            for s, x in zip(labels, at, strict=True)
        ]

    def sides(self, labels: Sequence[str], notes: Sequence[str]) -> list[SafeString]:
        left = self.frame.left
        names = [text(cut(s, left), 0, self.line(i), tone="name") for i, s in enumerate(labels)]
        return names + [
            text(s, left - 10, self.line(i), anchor="end", tone="tick") for i, s in enumerate(notes)
        ]

    def line(self, row: int) -> float:
        """Where the words of a row stand."""
        return self.frame.top + row * ROW + 19

    def cell(self, cell: Cell, row: int, column: int, where: str) -> SafeString:
        wide = self.frame.width / self.columns
        x, y = self.frame.left + wide * column, self.frame.top + row * ROW
        says = cell.says or f"{where}: {cell.words}"
        depth = shade(cell.value, *self.scale)
        box = {"x": x + 1, "y": y + 1, "width": wide - 2, "height": ROW - 2, "rx": 3}
        words = cut(cell.words, wide)
        return linked(
            cell.url,
            says,
            mark("rect", says, class_=f"heat-{depth}", **box),
            text(words, x + wide / 2, self.line(row), anchor="middle", tone=f"on-heat-{depth}"),
        )
