"""A rule as it stands in the form of the editor: parts that can be added to, nested and removed.

A part is sent as "part=0.1", its place in the tree: a group with "0.1:joined", a condition with
"0.1:of", "0.1:not" and "0.1:days" for each value. Numbers need not follow one another, only differ.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from retention.insights.conditions.fields import Field, Several, Unsound
from retention.insights.conditions.kinds import kinds
from retention.insights.conditions.tree import (
    DEEPEST,
    MOST_CONDITIONS,
    Node,
    NotSound,
    Wrong,
    read_rule,
)

ALL, ANY = "all", "any"
ROOT = "0"
JOINS = {"all": (ALL, False), "any": (ANY, False), "not all": (ALL, True), "not any": (ANY, True)}
"""How a group is joined, as a form says it: (of, negated)."""
MOST_PARTS = 4 * MOST_CONDITIONS
MOST_TEXT = 2_000
_PLACE = re.compile(r"0(\.[0-9]{1,3}){0,12}")
EMPTY = "Fill this in."


@dataclass(eq=False)
class Part:
    """A condition with what was typed, or a group of parts.

    of : the name of a kind of condition, "all" or "any". errors : by field; "" is the part itself.
    """

    of: str
    negated: bool = False
    typed: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Part"] = field(default_factory=list)
    place: str = ROOT
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        return self.of in {ALL, ANY}

    @property
    def fields(self) -> tuple[Field, ...]:
        return () if self.is_group else kinds()[self.of].fields

    def walk(self) -> Iterator["Part"]:
        """This part and all inside it, from top to bottom."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def at(self, place: str) -> "Part | None":
        return next((part for part in self.walk() if part.place == place), None)

    def numbered(self, place: str = ROOT) -> "Part":
        """The same, with each part's place as it is now."""
        self.place = place
        for number, part in enumerate(self.parts):
            part.numbered(f"{place}.{number}")
        return self


def new_condition(of: str) -> Part:
    """A condition as it is first offered."""
    kind = kinds()[of]
    typed = {one.name: _typed(one, kind.first[one.name]) for one in kind.fields if one.first}
    return Part(of, typed=typed)


def draft_of(rule: Any) -> Part:
    """A rule, as JSON, as the editor shows it: a group, whatever it is.

    What a rule said once and may say no more, such as a segment that is gone, stays to be put
    right; what no rule ever said is left out.
    """
    part = _part(rule, depth=0)
    root = part if part and part.is_group else Part(ALL, parts=[part] if part else [])
    return root.numbered()


def _part(said: Any, *, depth: int, negated: bool = False) -> Part | None:
    if depth > 2 * DEEPEST:
        return None
    match said:
        case {"not": inner}:
            return _part(inner, depth=depth + 1, negated=not negated)
        case {"all": list(inner)}:
            return Part(ALL, negated, parts=_parts(inner, depth))
        case {"any": list(inner)}:
            return Part(ANY, negated, parts=_parts(inner, depth))
        case {"is": str(of)} if of in kinds():
            typed = {one.name: _typed(one, said[one.name]) for one in _fields(of, said)}
            return Part(of, negated, typed)
    return None


def _parts(inner: list[Any], depth: int) -> list[Part]:
    return [part for one in inner if (part := _part(one, depth=depth + 1))]


def _fields(of: str, said: Any) -> list[Field]:
    return [one for one in kinds()[of].fields if one.name in said]


def _typed(one: Field, value: Any) -> list[str]:
    if isinstance(one, Several):
        return [str(name) for name in value] if isinstance(value, list) else [str(value)]
    with suppress(TypeError, ValueError, AttributeError, ArithmeticError):
        return [one.written(value)]
    return [str(value)]


def sent_draft(data: QueryDict) -> Part:
    """The rule of a form that was sent, whatever was sent: what is no part is left out."""
    places = {place for place in data.getlist("part")[:MOST_PARTS] if _PLACE.fullmatch(place)}
    found: dict[str, Part] = {}
    for place in sorted(places, key=lambda one: [int(number) for number in one.split(".")]):
        part, above = _sent(data, place), found.get(place.rpartition(".")[0])
        if part is None or (place != ROOT and not (above and above.is_group)):
            continue
        if above:
            above.parts.append(part)
        found[place] = part
    root = found.get(ROOT)
    return root if root and root.is_group else Part(ALL)


def _sent(data: QueryDict, place: str) -> Part | None:
    joined, of = data.get(f"{place}:joined"), data.get(f"{place}:of", "")
    if joined in JOINS:
        return Part(*JOINS[joined], place=place)
    if of not in kinds():
        return None
    negated = data.get(f"{place}:not") == "1"
    typed = {
        one.name: [text[:MOST_TEXT] for text in data.getlist(f"{place}:{one.name}")]
        for one in kinds()[of].fields
    }
    return Part(of, negated, typed, place=place)


def edit(root: Part, did: str, *, of: str = "") -> Part:
    """Do what a button says, "remove:0.1"; returns the part to look at next.

    add, group : another condition, or a group with one, of the kind `of` inside a group.
    nest : put a part into a group of its own. ungroup : what is in a group stands in its place.
    """
    verb, _, place = did.partition(":")
    part = root.at(place)
    above = root.at(place.rpartition(".")[0])
    seen = part or root
    match verb:
        case "add" | "group" if part and part.is_group and of in kinds():
            seen = new_condition(of)
            part.parts.append(seen if verb == "add" else Part(ANY, parts=[seen]))
        case "remove" if part and above:
            above.parts.remove(part)
            seen = above
        case "nest" if part and above:
            above.parts[above.parts.index(part)] = Part(ANY, parts=[part])
        case "ungroup" if part and part.is_group and above:
            where = above.parts.index(part)
            above.parts[where : where + 1] = part.parts
            seen = above
    root.numbered()
    return seen


def read_draft(root: Part) -> Node | None:
    """The rule that a form asks for; None where it is not sound, why in `errors` of its parts."""
    places: dict[str, Part] = {}
    said = _said(root, "", places)
    unread = {part.place for part in root.walk() if part.errors}
    try:
        rule = read_rule(said)
    except NotSound as refused:
        _tell(root, refused.wrongs, places, unread)
        return None
    return None if unread else rule


def _tell(root: Part, wrongs: list[Wrong], places: dict[str, Part], unread: set[str]) -> None:
    """Put each mistake where it belongs, the first of a place. unread : parts that lack values
    because they could not be read, which says enough."""
    for wrong in wrongs:
        above, _, name = wrong.place.rpartition(".")
        part = places.get(wrong.place) or places.get(above) or root
        if part.place in unread:
            continue
        is_field = wrong.place not in places and name in {one.name for one in part.fields}
        part.errors.setdefault(name if is_field else "", wrong.words)


def _said(part: Part, place: str, places: dict[str, Part]) -> dict[str, Any]:
    """A part as JSON. places : filled with where in it each part stands."""
    places[place] = part
    if part.negated:
        return {"not": _affirmed(part, f"{place}.not".lstrip("."), places)}
    return _affirmed(part, place, places)


def _affirmed(part: Part, place: str, places: dict[str, Part]) -> dict[str, Any]:
    if not part.is_group:
        places[place] = part
        return {"is": part.of} | _values(part)
    here = f"{place}.{part.of}".lstrip(".")
    places |= {place: part, here: part}
    inside = enumerate(part.parts)
    return {part.of: [_said(one, f"{here}[{number}]", places) for number, one in inside]}


def _values(part: Part) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in part.fields:
        texts = [text for text in part.typed.get(one.name, ()) if text.strip()]
        if not texts:
            if one.required:
                part.errors[one.name] = EMPTY
            continue
        try:
            values[one.name] = texts if isinstance(one, Several) else one.typed(texts[0])
        except Unsound as unsound:
            part.errors[one.name] = str(unsound)
    return values
