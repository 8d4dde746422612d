"""How one file is read, complete: who has a Reading reads the same facts, also after a crash."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .dates import Order
from .numbers import Mark


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an operator said. Everything left empty is told from the file, or asked."""

    layout: str = ""
    map: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    dates: str = ""
    header: str = ""
    """`yes`, `no`, or empty: told from the first row."""
    total: str = ""
    """`line`, or `order` where a total is the whole order's, repeated on each of its lines."""
    kind: str = ""
    on: str = ""
    """The day of rows that have none, YYYY-MM-DD."""
    source: str = "shop"
    currency: str = ""
    timezone: str = ""
    consents: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Options":
        return cls(**{**stored, "consents": tuple(stored.get("consents", ()))})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything settled. Columns are counted from 0."""

    layout: str
    encoding: str
    delimiter: str
    skipped_lines: int
    header: tuple[str, ...]
    width: int
    columns: Mapping[str, int]
    extra: Mapping[str, int]
    decimal: Mark
    dates: Order
    kind: str
    on: str
    source: str
    currency: str
    timezone: str
    consents: tuple[str, ...] = ()

    def column_name(self, at: int) -> str:
        return (self.header[at] if at < len(self.header) else "") or f"column {at + 1}"

    def as_json(self) -> dict[str, Any]:
        """Plain lists and dicts, equal after a round trip through a database."""
        stored = asdict(self)
        return {
            **stored,
            "header": list(self.header),
            "consents": list(self.consents),
            "columns": dict(self.columns),
            "extra": dict(self.extra),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reading":
        known = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        known["header"] = tuple(known["header"])
        known["consents"] = tuple(known["consents"])
        return cls(**known)
