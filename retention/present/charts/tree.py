"""A decision tree as a picture: from left to right, each node in words with its share and size."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .svg import Picture, cut, element, join, linked, mark, text

WIDE, HIGH = 196, 66
ACROSS, DOWN = 28, 12
EDGE = 1
"""Around everything, so that no frame cuts a line."""
LETTERS = 29
LINES = 2


@dataclass(frozen=True)
class TreeNode:
    """What is true of whoever comes here, and what became of them.

    share : of the bar, 0 to 1; None draws none. note : stands under the words.
    url : leads to the customers behind it. under : the nodes it is divided into.
    """

    words: str
    note: str
    share: float | None = None
    url: str = ""
    under: "Sequence[TreeNode]" = ()

    @property
    def leaves(self) -> int:
        return sum(one.leaves for one in self.under) or 1

    @property
    def depth(self) -> int:
        return 1 + max((one.depth for one in self.under), default=0)


def tree(root: TreeNode, *, title: str, desc: str = "") -> SafeString:
    """The root at the left, what it is divided into to its right. It keeps its size on a narrow
    screen: the frame around it scrolls."""
    width = root.depth * (WIDE + ACROSS) - ACROSS + 2 * EDGE
    height = root.leaves * (HIGH + DOWN) - DOWN + 2 * EDGE
    picture = Picture(f"tree columns-{root.depth}", title, desc, width, height)
    placed = _placed(root, EDGE, EDGE)
    return picture.of(
        *(line for one in placed for line in one.lines()),
        *(one.box() for one in placed),
        links=any(one.node.url for one in placed),
    )


@dataclass(frozen=True)
class _Placed:
    node: TreeNode
    x: float
    y: float
    ends: tuple[float, ...]

    def lines(self) -> Iterator[SafeString]:
        """To the middle of the left side of each node under it."""
        start, middle = self.x + WIDE, self.x + WIDE + ACROSS / 2
        for end in self.ends:
            yield element("path", d=_elbow(start, self.y, middle, end), class_="branch")

    def box(self) -> SafeString:
        node, top = self.node, self.y - HIGH / 2
        lines = textwrap.wrap(node.words, LETTERS, max_lines=LINES, placeholder="…")
        says = f"{node.words}: {node.note}"
        frame = {"x": self.x, "y": top, "width": WIDE, "height": HIGH, "rx": 6}
        return linked(
            node.url,
            says,
            mark("rect", says, class_="node", **frame),
            *(
                text(line, self.x + 9, top + 17 + 14 * i, tone="name")
                for i, line in enumerate(lines)
            ),
            text(cut(node.note, WIDE - 14), self.x + 9, top + 48, tone="tick"),
            self._bar(top + HIGH - 11),
        )

    def _bar(self, y: float) -> SafeString:
        if self.node.share is None:
            return join([])
        room = WIDE - 18
        filled = max(min(self.node.share, 1), 0) * room
        bar = {"x": self.x + 9, "y": y, "height": 4, "rx": 2}
        return join(
            [
                element("rect", width=room, class_="ghost", **bar),
                element("rect", width=filled, class_="fill s1", **bar),
            ]
        )


def _placed(node: TreeNode, x: float, top: float) -> list[_Placed]:
    """A node first, then all under it: a leaf has a row, the others the middle of theirs."""
    inner = []
    for one in node.under:
        inner.append(_placed(one, x + WIDE + ACROSS, top))
        top += one.leaves * (HIGH + DOWN)
    ends = tuple(placed[0].y for placed in inner)
    middle = (ends[0] + ends[-1]) / 2 if ends else top + HIGH / 2
    return [_Placed(node, x, middle, ends), *(one for placed in inner for one in placed)]


def _elbow(x: float, y: float, middle: float, end: float) -> str:
    return f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {end:g} {x + ACROSS:g} {end:g}"
