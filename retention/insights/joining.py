"""Who comes into a segment: what a tree may ask as rules, and who was in the segment when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from retention.insights.branches import branches
from retention.insights.conditions.asking import members_of
from retention.insights.conditions.facts import LONGEST
from retention.insights.conditions.tree import SCHEMA, NotSound, conditions_of, read_rule
from retention.insights.datasets import SECONDS_A_DAY, Facts, moment_on_the_clock
from retention.insights.models import Segment
from retention.learning.panel import BoolArray, Panel
from retention.learning.segment.joining import FACTS, YEAR, Grouped
from retention.learning.segment.movement import NAMES, rfm_history
from retention.present.templatetags.present import money

Rule = dict[str, Any]
SECONDS: Final = 120.0
MOST_GROUPS: Final = 8
ONCE: Final[Rule] = {"is": "orders", "at_least": 1}
TWICE: Final[Rule] = {"is": "orders", "at_least": 2}


class CannotBeLearned(Exception):
    """A segment of whose past nothing is known, in words that say what to do instead."""


@dataclass(frozen=True)
class Answer:
    """One side of a question: the rule that finds its customers, and how it is said of one."""

    rule: Rule
    words: str


def inside_of(segment: Segment, facts: Facts, panel: Panel) -> Callable[[float], BoolArray]:
    """Who of the customers was in the segment on a day, by what is known of the days before.

    Raises CannotBeLearned.
    """
    if segment.kind == Segment.Kind.RFM:
        code = [str(name) for name in NAMES].index(segment.key)
        return lambda day: rfm_history(panel, cut_offs=[day])[:, 0] == code
    if segment.kind != Segment.Kind.RULE:
        raise CannotBeLearned(
            f"{segment} is a group found by a training, which is drawn anew each time: nobody knows"
            " who was in it earlier. Choose an RFM segment or one with a rule."
        )
    rule = _dated(segment)
    return lambda day: np.isin(
        facts.customers.ids, members_of(rule, at=moment_of(day), seconds=SECONDS)
    )


def _dated(segment: Segment) -> Any:
    try:
        rule = read_rule(segment.rule, look_up=False)
    except NotSound as refused:
        raise CannotBeLearned(f"Its rule cannot be read any more: {refused}") from refused
    undated = {one.kind.label: None for one in conditions_of(rule) if not one.kind.dated}
    if undated:
        raise CannotBeLearned(
            f"Its rule asks about {', '.join(undated)}: that is known as of now only, not as of "
            "earlier. What customers ordered, spent, bought, looked at, returned and rated is "
            "known of every day: make a segment of that."
        )
    return rule


def moment_of(day: float) -> datetime:
    """A day of learning (since 1970 on the shop's own clock) as a moment."""
    return moment_on_the_clock(round(day * SECONDS_A_DAY))


def grouped(panel: Panel) -> tuple[Grouped, tuple[str, ...]]:
    """The events by the branches of the shop's categories, and the branches' paths."""
    cut = branches(panel, most=MOST_GROUPS)
    return Grouped(panel, cut.places(panel.category), len(cut.paths)), cut.paths


def answers(fact: int, least: float, paths: tuple[str, ...]) -> tuple[Answer, Answer]:
    """The sides of "at least so much of this fact?": yes and no.

    fact : a column of `facts_of`. The rules find exactly whom the question does.
    """
    name, n = (list(FACTS)[fact] if fact < len(FACTS) else ""), int(least)
    if name in SINCE:
        return SINCE[name](n)
    return _counted(*_counting(fact, name, paths), n)


def _silent(n: int) -> tuple[Answer, Answer]:
    if n > LONGEST:
        return _never_ordered()
    lately = ONCE | {"days": n - 1}
    words = f" order in the last {_days(n - 1)}"
    return Answer({"not": lately}, f"no{words}"), Answer(lately, f"an{words}")


def _customer_for(n: int) -> tuple[Answer, Answer]:
    if n <= 0:
        never, once = _never_ordered()
        return once, never
    old = {"is": "customer_for", "at_least": n}
    since = f"{_days(n)} ago"
    return (
        Answer(old, f"first order at least {since}"),
        Answer({"not": old}, f"first order less than {since}, or none"),
    )


def _gap(n: int) -> tuple[Answer, Answer]:
    if n > LONGEST:
        return Answer({"not": TWICE}, "fewer than 2 orders so far"), Answer(
            TWICE, "2 orders so far"
        )
    often = {"is": "between_orders", "at_most": float(n - 1)}
    apart = f"{_days(n - 1)} between orders"
    return (
        Answer({"not": often}, f"more than {apart}, or fewer than 2"),
        Answer(often, f"at most {apart} on average"),
    )


def _never_ordered() -> tuple[Answer, Answer]:
    return Answer({"not": ONCE}, "no order so far"), Answer(ONCE, "an order so far")


SINCE: Final = {"silent_days": _silent, "customer_days": _customer_for, "gap_days": _gap}


def _counting(fact: int, name: str, paths: tuple[str, ...]) -> tuple[Rule, str, str]:
    """What is counted as a condition, and what it is called: one and more."""
    what, _, days = name.partition("_")
    match what:
        case "":
            path = paths[fact - len(FACTS)]
            rule = {"is": "bought_category", "category": path, "days": YEAR}
            return rule, f"order with {path}", f"orders with {path}"
        case "spend":
            return {"is": "spent", "days": int(days)}, "", ""
        case "views":
            return {"is": "viewed", "days": int(days)}, "product viewed", "products viewed"
        case "returns":
            return {"is": "returned", "days": int(days)}, "return", "returns"
    return {"is": "orders", "days": int(days)}, "order", "orders"


def _counted(rule: Rule, one: str, more: str, n: int) -> tuple[Answer, Answer]:
    lately = f"in the last {_days(rule['days'])}"
    if not one:
        enough, fewer = f"{money(n)} or more spent", f"less than {money(n)} spent"
    else:
        enough = f"{n:,} or more {more}" if n > 1 else f"{'an' if one[0] == 'o' else 'a'} {one}"
        fewer = f"fewer than {n:,} {more}" if n > 1 else f"no {one}"
    return (
        Answer(rule | {"at_least": n}, f"{enough} {lately}"),
        Answer(rule | {"at_most": n - 1}, f"{fewer} {lately}"),
    )


def _days(n: int) -> str:
    return "day" if n == 1 else f"{n:,} days"


def rule_of(tree: Sequence[Mapping[str, Any]], leaf: int, joining: Rule | None) -> Rule | None:
    """Whoever comes to a node of a stored tree and is not in the segment; None where that is more
    than a rule may say. joining : who is in the segment."""
    parts = [node["rule"] for node in way_to(tree, leaf)]
    outside = [{"not": joining}] if joining else []
    rule = {"schema": SCHEMA, "all": [*parts, *outside]}
    try:
        read_rule(rule, look_up=False)
    except NotSound:
        return None
    return rule


def way_to(tree: Sequence[Mapping[str, Any]], place: int) -> list[Mapping[str, Any]]:
    """The nodes on the way to one, without the root and without those that a later one implies:
    of two answers alike about one fact the later says more."""
    way, node = dict[tuple[int, bool], Mapping[str, Any]](), tree[place]
    while node["above"] is not None:
        way.setdefault((node["fact"], node["yes"]), node)
        node = tree[node["above"]]
    return list(way.values())[::-1]


def inside_rule(segment: Segment) -> Rule | None:
    """The rule of being in a segment, as a part of another rule."""
    if segment.kind == Segment.Kind.RFM:
        return {"is": "rfm_name", "names": [segment.key]}
    return {name: of for name, of in (segment.rule or {}).items() if name != "schema"} or None
