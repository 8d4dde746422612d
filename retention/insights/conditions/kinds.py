"""The vocabulary of rules: every app declares in its `conditions` what it can say of a customer.

    declare(Kind(name="coupon", label="Had a coupon", group="Campaigns", fields=(LATELY,), ...))

Lower layers never import upper ones for it: the modules are found by their name on first use.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils.module_loading import autodiscover_modules

from .fields import Field

Values = Mapping[str, Any]
Wrongs = Iterable[tuple[str, str]]
"""(field, what is wrong with it); an empty field is the condition itself."""


def _nothing(values: Values) -> Wrongs:
    return ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One sort of condition.

    where : the customers it is true of at a moment, as a filter of Customer rows that is never
        NULL, so that its negation is everyone else.
    words : (true, not true) as predicates of a customer: "had a coupon", "had no coupon".
    wrong : what is wrong with values that are each sound; it may ask the database.
    dated : whether asked about an earlier moment it says what was true then.
    """

    name: str
    label: str
    group: str
    fields: tuple[Field, ...]
    where: Callable[[Values, datetime], Q]
    words: Callable[[Values], tuple[str, str]]
    wrong: Callable[[Values], Wrongs] = _nothing
    dated: bool = False

    @property
    def first(self) -> dict[str, Any]:
        """The values of a condition that was just added."""
        return {one.name: one.first for one in self.fields if one.first is not None}


_kinds: dict[str, Kind] = {}


def declare(*kinds: Kind) -> None:
    """Offer kinds of condition. Raises ValueError for a name that another kind has."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"There are two conditions {kind.name!r}.")


def kinds() -> dict[str, Kind]:
    """All there are, by name, in the order they were declared."""
    _discover()
    return dict(_kinds)


def groups() -> dict[str, list[Kind]]:
    """The kinds as a menu shows them."""
    menu: dict[str, list[Kind]] = {}
    for kind in kinds().values():
        menu.setdefault(kind.group, []).append(kind)
    return menu


@cache
def _discover() -> None:
    autodiscover_modules("conditions")
