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
    asked = {one: one.options() for part in root.walk() for one in part.fields}
    lists = {
        _list_id(part.of, one): asked[one]
        for part in root.walk()
        for one in part.fields
        if one.widget in LISTED and asked[one]
    }
    return {
        "root": _shown(root, seen, asked),
        "joins": JOINED,
        "menu": [(name, those) for name, those in groups().items()],
        "lists": lists.items(),
    }


def _shown(part: Part, seen: Part | None, asked: dict[Field, Options]) -> PartShown:
    return PartShown(
        part=part,
        is_new=part is seen,
        parts=[_shown(one, seen, asked) for one in part.parts],
        fields=[
            FieldShown(
                name=f"{part.place}:{one.name}",
                field=one,
                values=part.typed.get(one.name, []),
                options=asked[one] if one.widget not in LISTED else (),
                error=part.errors.get(one.name, ""),
                listed=_list_id(part.of, one) if one.widget in LISTED and asked[one] else "",
            )
            for one in part.fields
        ],
    )


def _list_id(of: str, one: Field) -> str:
    return f"list-{of}-{one.name}"


def errors_of(root: Part) -> dict[str, str]:
    """What is wrong, by the name of what it is about: "0.1:days", "0.1:" for a part itself."""
    return {
        f"{part.place}:{name}": words for part in root.walk() for name, words in part.errors.items()
    }
