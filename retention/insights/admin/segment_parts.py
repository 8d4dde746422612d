"""The parts of a rule as the editor's page draws them."""

from dataclasses import dataclass
from typing import Any

from retention.insights.conditions.fields import Field, Options
from retention.insights.conditions.kinds import groups, kinds

from .segment_draft import ROOT, Part

JOINED = (
    ("all", "All of these are true"),
    ("any", "At least one of these is true"),
    ("not all", "Not all of these are true"),
    ("not any", "None of these is true"),
)
LISTED = {"text"}
"""Fields to type into that suggest what there is."""


@dataclass(frozen=True)
class FieldShown:
    """One value to fill in. listed : the id of the list of suggestions; empty without one."""

    name: str
    field: Field
    values: list[str]
    options: Options
    error: str
    listed: str

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_offered(self) -> bool:
        """Whether what is chosen can be: a browser would show another instead, and send it."""
        return self.value in dict(self.options)

    @property
    def id(self) -> str:
        return f"id-{self.name}".replace(":", "-")


@dataclass(frozen=True)
class PartShown:
    part: Part
    is_new: bool
    parts: "list[PartShown]"
    fields: list[FieldShown]

    @property
    def label(self) -> str:
        return "" if self.part.is_group else kinds()[self.part.of].label

    @property
    def is_root(self) -> bool:
        return self.part.place == ROOT

    @property
    def error(self) -> str:
        return self.part.errors.get("", "")

    @property
    def joined(self) -> str:
        return f"{'not ' if self.part.negated else ''}{self.part.of}"


def shown_draft(root: Part, *, seen: Part | None = None) -> dict[str, Any]:
    """What the template of the parts is given. seen : the part that was just made."""
    # Asked once for all parts of a kind: what there is to choose from may be read from the shop.
    used = {part.of for part in root.walk() if not part.is_group}
    offered = {_list_id(of, one): one.options() for of in used for one in kinds()[of].fields}
    lists = {
        _list_id(of, one): offered[_list_id(of, one)]
        for of in used
        for one in kinds()[of].fields
        if one.widget in LISTED and offered[_list_id(of, one)]
    }
    return {
        "root": _shown(root, seen, offered),
        "joins": JOINED,
        "menu": list(groups().items()),
        "lists": sorted(lists.items()),
    }


def _shown(part: Part, seen: Part | None, offered: dict[str, Options]) -> PartShown:
    return PartShown(
        part=part,
        is_new=part is seen,
        parts=[_shown(one, seen, offered) for one in part.parts],
        fields=[_field(part, one, offered[_list_id(part.of, one)]) for one in part.fields],
    )


def _field(part: Part, one: Field, options: Options) -> FieldShown:
    listed = one.widget in LISTED
    return FieldShown(
        name=f"{part.place}:{one.name}",
        field=one,
        values=part.typed.get(one.name, []),
        options=() if listed else options,
        error=part.errors.get(one.name, ""),
        listed=_list_id(part.of, one) if listed and options else "",
    )


def _list_id(of: str, one: Field) -> str:
    return f"list-{of}-{one.name}"


def errors_of(root: Part) -> dict[str, str]:
    """What is wrong, by the name of what it is about: "0.1:days", "0.1:" for a part itself."""
    return {
        f"{part.place}:{name}": words for part in root.walk() for name, words in part.errors.items()
    }
