"""What was learned of who comes into a segment, in words for people and figures for machines."""

from dataclasses import dataclass
from typing import Any, Final

from retention.insights.joining import Rule, inside_rule, rule_of, way_to
from retention.insights.models import SegmentJoining
from retention.learning.measure.intervals import Estimate, wilson
from retention.present.groups import at_least_few, is_told
from retention.present.templatetags.present import number, percent

EVERYONE: Final = "Everyone who was not in it"
ITS_SHARE: Final = "came into it"


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
        """ "23 % of 1,204 came into it"; of a few only that they are few."""
        if self.joined is None:
            return f"{at_least_few(self.n)} customers"
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
    on = f"on {number(said['n'])} customers of a window it had not seen"
    if not said["tells"]:
        return (
            f"Nothing can be told: {on} it ranks no better than chance (AUC {_with(said['auc'])})."
        )
    usual = percent(said["joined"] / said["n"], 1)
    return (
        f"It tells: {on}, of whom {usual} came into the segment, the tenth it ranked first did so"
        f" {said['lift']['value']:.1f} times as often (AUC {_with(said['auc'])})."
    )


def is_stale(joining: SegmentJoining) -> bool:
    """Whether the segment has another rule than was learned from."""
    return bool(joining.segment.rule != joining.rule)


def _with(figure: dict[str, Any]) -> str:
    if figure["low"] is None or figure["high"] is None:
        return f"{figure['value']:.2f}"
    return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"
