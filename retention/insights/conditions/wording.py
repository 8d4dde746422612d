"""Rules and their parts in words."""

from collections.abc import Callable, Iterable
from typing import Any

from .kinds import Values
from .tree import Condition, Group, Node, Not, NotSound, read_rule

LEAST, MOST = "at_least", "at_most"


def in_words(node: Node) -> str:
    """ "bought from Tea at least twice in the last 90 days and got no coupon in the last 30 days"

    Where "and" and "or" meet, the inner ones stand in brackets.
    """
    return _said(node, negated=False, within="")


def _said(node: Node, *, negated: bool, within: str) -> str:
    match node:
        case Condition():
            return node.kind.words(node.values)[negated]
        case Not():
            return _said(node.of, negated=not negated, within=within)
        case Group(of=(one,)):
            return _said(one, negated=negated, within=within)
        case Group():
            # Not all of them: one of their opposites. None of them: all of their opposites.
            word = " and " if (node.joined == "all") != negated else " or "
            told = word.join(_said(one, negated=negated, within=word) for one in node.of)
            return told if within in {"", word} else f"({told})"


def lately(values: Values) -> str:
    """ " in the last 90 days", or nothing where no window is said."""
    days = values.get("days")
    if not days:
        return ""
    return " in the last day" if days == 1 else f" in the last {days:,} days"


def times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def many(values: Values, one: str, more: str) -> str:
    """ "at least 2 orders", "no orders", "2 to 5 orders"."""
    return _range(values, lambda n: f"{n:,} {one if n == 1 else more}", _plain) or f"no {more}"


def often(values: Values) -> str:
    """ " at least twice", " 2 to 5 times"; nothing for once or more."""
    if values.get(LEAST) == 1 and values.get(MOST) is None:
        return ""
    return " " + (_range(values, times, _plain) or "never")


def much(values: Values, form: Callable[[Any], str]) -> str:
    """ "at least £50.00", "£50.00 to £80.00"."""
    return _range(values, form, form) or form(0)


def is_never(values: Values) -> bool:
    """Whether it counts to nothing: at most no times."""
    return values.get(MOST) == 0


def _range(values: Values, form: Callable[[Any], str], short: Callable[[Any], str]) -> str:
    """Empty for nothing at all. short : how the lower of two bounds is said."""
    least, most = values.get(LEAST), values.get(MOST)
    if most == 0:
        return ""
    if most is None:
        return f"at least {form(least)}"
    if least == most:
        return f"exactly {form(most)}"
    return f"{short(least)} to {form(most)}" if least else f"at most {form(most)}"


def _plain(n: int) -> str:
    return f"{n:,}"


def either(words: Iterable[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def stored_words(rule: Any) -> str:
    """A stored rule in words; of one that is not sound any more, that."""
    try:
        return in_words(read_rule(rule, look_up=False)) if rule else ""
    except NotSound as unsound:
        return f"follow a rule that cannot be read any more ({unsound})"
