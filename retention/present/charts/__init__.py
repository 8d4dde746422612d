"""Charts drawn on the server: numbers in, SVG out; classes carry the colours, the theme decides."""

from .bars import Bar, columns, rows, stacked
from .curves import effect_curve
from .evidence import Bin, Effect, intervals, reliability
from .grids import Cell, heat_map
from .histograms import histogram
from .lines import line, sparkline
from .reasons import Push, reasons, waterfall
from .svg import Series
from .tree import TreeNode, tree

__all__ = [
    "Bar",
    "Bin",
    "Cell",
    "Effect",
    "Push",
    "Series",
    "TreeNode",
    "columns",
    "effect_curve",
    "heat_map",
    "histogram",
    "intervals",
    "line",
    "reasons",
    "reliability",
    "rows",
    "sparkline",
    "stacked",
    "tree",
    "waterfall",
]
