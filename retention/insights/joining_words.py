"""What was learned of who comes into a segment, in words for people and figures for machines."""

from dataclasses import dataclass
from typing import Any, Final

from retention.insights.joining import Rule, inside_rule, rule_of, way_to
from retention.insights.models import SegmentJoining
from retention.learning.measure.intervals import Estimate, wilson
from retention.present.groups import is_told
from retention.present.templatetags.present import number, percent

EVERYONE: Final = "Everyone not in it yet"
ITS_SHARE: Final = "joined"


@dataclass(frozen=True)
class NodeSaid:
    """A node of the tree.

    words : how its customers differ from those of the node above. said : all the way from the
    root. joined : the share that came into the segment in the later window; None of a few.
    n, now : customers of that window, and now. rule : for whom it is true, of a leaf.
    """

    place: int
    above: int | None
    words: str
    said: str
    is_leaf: bool
    n: int
    now: int
    joined: Estimate | None
    rule: Rule | None

    @property
    def note(self) -> str:
        """ "23 % of 1,204 joined"; of a few only that they are few."""
        if self.joined is None:
            return f"{number(self.n)} customer{'' if self.n == 1 else 's'}"
        return f"{percent(self.joined.value)} of {number(self.n)} {ITS_SHARE}"


def nodes(joining: SegmentJoining) -> list[NodeSaid]:
    """The root first; a node stands after the one above it."""
    inside, told = inside_rule(joining.segment), list[NodeSaid]()
    for place, node in enumerate(joining.tree):
        way = [one["words"] for one in way_to(joining.tree, place)]
        told.append(
            NodeSaid(
                place=place,
                above=node["above"],
                words=node["words"] or EVERYONE,
                said="; ".join(way) or EVERYONE,
                is_leaf=node["is_leaf"],
                n=node["n"],
                now=node["now"],
                joined=wilson(node["joined"], node["n"]) if is_told(node["n"]) else None,
                rule=rule_of(joining.tree, place, inside) if node["is_leaf"] else None,
            )
        )
    return told


def verdict(joining: SegmentJoining) -> str:
    """One sentence: how well it tells who comes in, or that nothing can be told."""
    if joining.problem:
        return f"Nothing could be learned: {joining.problem[0].lower()}{joining.problem[1:]}"
    said = joining.quality
    on = f"on {number(said['n'])} customers of a later period, which it had not seen"
    right = f"ranking accuracy {_with(said['auc'])}, where 0.5 is chance and 1 is perfect"
    if not said["tells"]:
        return f"Nothing can be predicted: {on}, it did no better than chance ({right})."
    usual = percent(said["joined"] / said["n"], 1)
    return (
        f"It works: tested {on}, {usual} joined overall, and {said['lift']['value']:.1f} times"
        f" that share of the tenth it ranked highest ({right})."
    )


def is_stale(joining: SegmentJoining) -> bool:
    """Whether the segment has another rule than was learned from."""
    return bool(joining.segment.rule != joining.rule)


def _with(figure: dict[str, Any]) -> str:
    if figure["low"] is None or figure["high"] is None:
        return f"{figure['value']:.2f}"
    return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"
