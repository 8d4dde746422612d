"""What a condition asks for: each field reads its value from JSON and from what people type."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings

from retention.present import amounts

_DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_NO_LETTER = re.compile("[\x00\ud800-\udfff]")
MOST_TEXT = 500
MOST_WORDS = 50
Options = Sequence[tuple[str, str]]


class Unsound(Exception):
    """A value that the field cannot have, in words that say what it can."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of a condition.

    label : stands before it, after : stands behind it where people type it.
    required : whether the condition means nothing without it. first : what a new condition has.
    """

    name: str
    label: str = ""
    after: str = ""
    required: bool = False
    first: Any = None
    widget: ClassVar[str] = "text"

    def read(self, value: Any) -> Any:
        """The value as JSON holds it. Raises Unsound."""
        raise NotImplementedError

    def typed(self, text: str) -> Any:
        """The JSON value of what somebody typed. Raises Unsound."""
        return text

    def written(self, value: Any) -> str:
        """A JSON value as it is typed: the inverse of `typed`."""
        return str(value)

    def options(self) -> Options:
        """What may be chosen, or is suggested: (value, label)."""
        return ()

    def schema(self) -> dict[str, Any]:
        """The value as JSON Schema says it."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number from least to most."""

    least: int = 0
    most: int = 1_000_000
    widget: ClassVar[str] = "number"

    def read(self, value: Any) -> int:
        whole = value.is_integer() if isinstance(value, float) else type(value) is int
        if not whole or not self.least <= value <= self.most:
            raise Unsound(
                f"{_shown(value)}: expected a whole number from {self.least:,} to {self.most:,}."
            )
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def typed(self, text: str) -> int | str:
        digits = text.replace(",", "").strip()
        return int(digits) if digits.isdecimal() and len(digits) < 16 else text


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number from least to most; `scale` times as large where people type it (100: percent)."""

    least: float = 0.0
    most: float = 1e6
    scale: int = 1
    widget: ClassVar[str] = "decimal"

    def read(self, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.least <= value <= self.most:
            raise Unsound(
                f"{_shown(value)}: expected a number from {self.least:g} to {self.most:g}."
            )
        return float(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}

    def typed(self, text: str) -> float | str:
        try:
            number = round(float(text.replace("%", "").strip()) / self.scale, 9)
        except ValueError:
            return text
        if not self.least <= number <= self.most:
            raise Unsound(f"{_shown(text)}: expected a number from {self._range}.")
        return number

    @property
    def _range(self) -> str:
        return f"{self.least * self.scale:g} to {self.most * self.scale:g}"

    def written(self, value: Any) -> str:
        return f"{value * self.scale:.7g}"


@dataclass(frozen=True, kw_only=True)
class Money(Field):
    """An amount in minor units of the shop's currency."""

    widget: ClassVar[str] = "money"

    def read(self, value: Any) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not 0 <= value <= amounts.MOST:
            raise Unsound(f"{_shown(value)}: expected an amount in minor units (pence, cents).")
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": amounts.MOST}

    def typed(self, text: str) -> int:
        try:
            return amounts.typed(text.strip(), settings.SHOP_CURRENCY)
        except amounts.NotAnAmount as refused:
            raise Unsound(str(refused)) from None

    def written(self, value: Any) -> str:
        return amounts.written(value, settings.SHOP_CURRENCY)


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day of the calendar, as 2026-06-01."""

    widget: ClassVar[str] = "date"

    def read(self, value: Any) -> str:
        if isinstance(value, str) and _DAY.fullmatch(value):
            with suppress(ValueError):
                return date.fromisoformat(value).isoformat()
        raise Unsound(f"{_shown(value)}: expected a day such as 2026-06-01.")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A word or a name; `suggest` says some of those there are."""

    suggest: Callable[[], Options] | None = None

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
            raise Unsound(f"{_shown(value)}: expected text of at most {MOST_TEXT} letters.")
        if _NO_LETTER.search(value):
            raise Unsound(f"{_shown(value)}: holds a character that no text has.")
        return value.strip()

    def options(self) -> Options:
        return self.suggest() if self.suggest else ()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": MOST_TEXT, "pattern": r"\S"}


@dataclass(frozen=True, kw_only=True)
class Words(Text):
    """Several short texts; people separate them by commas."""

    def read(self, value: Any) -> list[str]:  # type: ignore[override] # several of what one is
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_WORDS:
            raise Unsound(f"{_shown(value)}: expected a list of 1 to {MOST_WORDS} texts.")
        return list(dict.fromkeys(super(Words, self).read(one) for one in value))

    def schema(self) -> dict[str, Any]:
        items = super().schema()
        return {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_WORDS}

    def typed(self, text: str) -> list[str]:
        return [one.strip() for one in text.split(",") if one.strip()]

    def written(self, value: Any) -> str:
        return ", ".join(value)


@dataclass(frozen=True, kw_only=True)
class One(Field):
    """One of what there is to choose from; fixed : the same in every shop."""

    of: Callable[[], Options]
    fixed: bool = True
    widget: ClassVar[str] = "choice"

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value not in dict(self.of()):
            raise Unsound(f"{_shown(value)}: expected one of {_list(self.of())}.")
        return value

    def options(self) -> Options:
        return self.of()

    def schema(self) -> dict[str, Any]:
        if not self.fixed:
            return {"type": "string", "maxLength": 100}
        return {"oneOf": [{"const": name, "title": label} for name, label in self.of()]}


@dataclass(frozen=True, kw_only=True)
class Several(One):
    """Any of what there is to choose from."""

    widget: ClassVar[str] = "choices"

    def read(self, value: Any) -> list[str]:  # type: ignore[override] # several of what one is
        if not isinstance(value, list) or not value:
            raise Unsound(f"{_shown(value)}: expected a list of some of {_list(self.of())}.")
        chosen = {super(Several, self).read(one) for one in value}
        return [name for name, _ in self.of() if name in chosen]

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().schema(), "minItems": 1}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _list(options: Options) -> str:
    names = [name for name, _ in options]
    shown = ", ".join(names[:12]) or "nothing: there is none yet"
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown
