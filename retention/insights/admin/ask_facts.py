"""The facts of a customer as fields that a person fills in, and back: percents, days, money."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from django.conf import settings

from retention.learning.churn.following import ASKABLE, SPECS
from retention.learning.churn.following_orders import Facts
from retention.learning.churn.wording_visits import THEMES
from retention.learning.features import FeatureSpec, Unit
from retention.present.amounts import MOST, NotAnAmount, typed, written

BESIDE: Final = {
    Unit.DAYS: "days",
    Unit.SHARE: "%",
    Unit.TIMES: "times",
    Unit.STARS: "stars",
}
PREFIX: Final = "f-"


class NotAFact(ValueError):
    """Something typed that cannot be read as a value of a fact."""


@dataclass(frozen=True)
class Field:
    """One fact to change.

    now : as it is; value : as it was typed, else as it is; then : what follows from the others
    that were typed, "" where nothing does.
    """

    name: str
    label: str
    beside: str
    now: str
    value: str
    then: str = ""

    @property
    def is_changed(self) -> bool:
        return self.value != self.now


def fields_of(
    facts: Facts, data: Mapping[str, Any], follows: Mapping[str, str]
) -> list[tuple[str, list[Field]]]:
    """The fields by theme, filled in with what was typed, and beside them what follows from it."""
    groups: dict[str, list[Field]] = {theme: [] for theme in THEMES}
    for name in ASKABLE:
        spec = SPECS[name]
        now = shown(spec, facts[name])
        value = str(data.get(PREFIX + name, now))
        then = follows.get(PREFIX + name, "")
        groups[spec.theme].append(Field(PREFIX + name, spec.label, _beside(spec), now, value, then))
    return [(THEMES[theme].title, fields) for theme, fields in groups.items()]


def asked_of(facts: Facts, data: Mapping[str, Any]) -> Facts:
    """What was typed otherwise than it is. An empty field is as it is. Raises NotAFact."""
    asked: Facts = {}
    for name in ASKABLE:
        text = str(data.get(PREFIX + name, "")).strip()
        if text and text != shown(SPECS[name], facts[name]):
            asked[name] = _read(SPECS[name], text)
    return asked


def shown(spec: FeatureSpec, value: float) -> str:
    """A value as it stands in its field; "" where it is not known."""
    if isnan(value):
        return ""
    match spec.unit:
        case Unit.MONEY:
            return str(written(round(value), settings.SHOP_CURRENCY))
        case Unit.SHARE:
            return f"{100 * value:.0f}"
        case Unit.DAYS:
            return f"{value:.0f}"
        case _:
            return f"{value:.1f}".removesuffix(".0")


def _beside(spec: FeatureSpec) -> str:
    if spec.unit == Unit.MONEY:
        return str(settings.SHOP_CURRENCY)
    return BESIDE.get(spec.unit) or spec.noun[1]


def _read(spec: FeatureSpec, text: str) -> float:
    try:
        if spec.unit == Unit.MONEY:
            return float(typed(text, settings.SHOP_CURRENCY))
        value = float(text.replace(",", ".").removesuffix("%"))
    except (ValueError, NotAnAmount):
        raise NotAFact(f"{spec.label}: {text[:40]!r} is not a number.") from None
    if not 0 <= value < MOST:
        raise NotAFact(f"{spec.label} must be 0 or more, not {text[:40]}.")
    if spec.unit != Unit.SHARE:
        return value
    if value > 100:
        raise NotAFact(f"{spec.label} must be from 0 to 100 %, not {text[:40]}.")
    return value / 100
