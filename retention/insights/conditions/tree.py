"""A rule: conditions joined by all, any and not. Read from JSON, checked, and written back.

{"schema": 1, "all": [{"is": "orders", "at_least": 2, "days": 90},
                      {"not": {"is": "coupon", "days": 30}}]}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .fields import Unsound
from .kinds import Kind, Values, kinds

SCHEMA: Final = 1
DEEPEST: Final = 6
"""Groups and negations inside one another."""
MOST_CONDITIONS: Final = 25
NEGATION, CONDITION = "not", "is"


@dataclass(frozen=True)
class Condition:
    """Something that is true of a customer or not. values : as JSON, only those that are said."""

    kind: Kind
    values: Values


@dataclass(frozen=True)
class Group:
    """all: every one of them is true; any: at least one is."""

    joined: str
    of: "tuple[Node, ...]"


@dataclass(frozen=True)
class Not:
    """What it holds is not true."""

    of: "Node"


Node = Condition | Group | Not


@dataclass(frozen=True)
class Wrong:
    """place : where in the rule, as "all[1].not.days"; empty is the rule itself."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place or 'rule'}: {self.words}"


class NotSound(Exception):
    """A rule that cannot be asked, with everything that is wrong with it."""

    def __init__(self, wrongs: list[Wrong]) -> None:
        super().__init__(" ".join(map(str, wrongs)))
        self.wrongs = wrongs


def read_rule(rule: Any, *, look_up: bool = True) -> Node:
    """The rule that JSON describes.

    look_up : whether also to look up the names it holds, such as categories; a stored rule whose
        category is gone since still means something: nobody.
    Raises NotSound.
    """
    reader = _Reader(look_up=look_up)
    node = reader.root(rule)
    if reader.wrongs or node is None:
        raise NotSound(reader.wrongs)
    return node


def written_rule(node: Node) -> dict[str, Any]:
    """The rule as JSON: the inverse of `read_rule`."""
    return {"schema": SCHEMA} | _written(node)


def conditions_of(node: Node) -> Iterator[Condition]:
    """Every condition of a rule, from left to right."""
    match node:
        case Condition():
            yield node
        case Not():
            yield from conditions_of(node.of)
        case Group():
            for one in node.of:
                yield from conditions_of(one)


def _written(node: Node) -> dict[str, Any]:
    match node:
        case Condition():
            return {CONDITION: node.kind.name} | dict(node.values)
        case Not():
            return {NEGATION: _written(node.of)}
        case Group():
            return {node.joined: [_written(one) for one in node.of]}


class _Reader:
    """Reads on after the first mistake, so that all are told at once."""

    def __init__(self, *, look_up: bool) -> None:
        self.wrongs: list[Wrong] = []
        self.look_up = look_up
        self.count = 0

    def root(self, rule: Any) -> Node | None:
        if not isinstance(rule, Mapping):
            self._no("", "Expected an object with all, any, not or is.")
            return None
        schema = rule.get("schema", SCHEMA)
        if schema != SCHEMA or isinstance(schema, bool):
            self._no("schema", f"{schema!r}: this version reads rules of schema {SCHEMA}.")
            return None
        node = self.node({key: value for key, value in rule.items() if key != "schema"}, "", 0)
        if self.is_full:
            self._no("", f"More than {MOST_CONDITIONS} conditions: so many are asked at once.")
        return node

    @property
    def is_full(self) -> bool:
        """Nothing more is read then, whatever is sent."""
        return self.count > MOST_CONDITIONS

    def node(self, said: Any, place: str, depth: int) -> Node | None:
        if self.is_full:
            return None
        if depth > DEEPEST:
            self._no(place, f"Nested more than {DEEPEST} deep. Draw groups together.")
            return None
        match said:
            case {"is": name}:
                return self._condition(name, said, place)
            case {"not": inner} if len(said) == 1:
                of = self.node(inner, _in(place, NEGATION), depth + 1)
                return Not(of) if of else None
            case {"all": list(inner)} | {"any": list(inner)} if len(said) == 1:
                return self._group(next(iter(said)), inner, place, depth)
        self._no(place, "Expected one of all: [...], any: [...], not: {...} or is: ....")
        return None

    def _group(self, joined: str, inner: list[Any], place: str, depth: int) -> Node | None:
        here = _in(place, joined)
        if not inner:
            self._no(here, "Empty: put at least one condition into it, or remove it.")
            return None
        read = [self.node(one, f"{here}[{i}]", depth + 1) for i, one in enumerate(inner)]
        return Group(joined, tuple(one for one in read if one)) if all(read) else None

    def _condition(self, name: Any, said: Mapping[str, Any], place: str) -> Condition | None:
        self.count += 1
        if self.is_full:
            return None
        kind = kinds().get(name) if isinstance(name, str) else None
        if kind is None:
            known = ", ".join(kinds())
            self._no(_in(place, CONDITION), f"There is no condition {name!r:.60}: {known}.")
            return None
        before = len(self.wrongs)
        values = self._values(kind, said, place)
        if len(self.wrongs) == before and self.look_up:
            for where, words in kind.wrong(values):
                self._no(_in(place, where) if where else place, words)
        return Condition(kind, values) if len(self.wrongs) == before else None

    def _values(self, kind: Kind, said: Mapping[str, Any], place: str) -> dict[str, Any]:
        fields = {one.name: one for one in kind.fields}
        for unknown in [name for name in said if name not in {CONDITION, *fields}][:10]:
            self._no(
                _in(place, ascii(str(unknown))[1:-1][:60]),
                f"{kind.name} has only {', '.join(fields)}.",
            )
        values = {}
        for field in kind.fields:
            try:
                if field.name in said:
                    values[field.name] = field.read(said[field.name])
                elif field.required:
                    self._no(_in(place, field.name), f"{kind.name} needs it.")
            except Unsound as unsound:
                self._no(_in(place, field.name), str(unsound))
        return values

    def _no(self, place: str, words: str) -> None:
        self.wrongs.append(Wrong(place, words))


def _in(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
