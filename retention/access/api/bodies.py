"""Bodies read as the schema says them: no field is passed over, no text passes for a number."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.request import Request

T = TypeVar("T")
SHOWN = 20


class Body(serializers.Serializer[T]):
    """The fields of a JSON object. A mistyped name is refused, where it would have done nothing."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))[:SHOWN]
            wrong = {name: ["There is no such field."] for name in unknown} | {
                name: [f"Expected {said}."]
                for name, field in self.fields.items()
                if (said := _expected(field, data.get(name)))
            }
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class NoBody(Body[Any]):
    """Of an address that takes no fields: whoever sends one meant something by it."""


def refuse_fields(request: Request) -> None:
    NoBody(data=request.data).is_valid(raise_exception=True)


def _expected(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """What a value should have been; empty where it is that, or where the field itself looks."""
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next((said for item in value if (said := _expected(field.child, item))), "")
    if isinstance(field, serializers.DictField) and isinstance(value, Mapping):
        items = value.values()
        return next((said for item in items if (said := _expected(field.child, item))), "")
    for kind, is_so, said in _KINDS:
        if isinstance(field, kind):
            return "" if value is None or is_so(value) else said
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: tuple[tuple[type[Any], Callable[[Any], bool], str], ...] = (
    (serializers.BooleanField, lambda value: isinstance(value, bool), "true or false"),
    (serializers.CharField, lambda value: isinstance(value, str), "text"),
    (
        serializers.IntegerField,
        lambda value: _is_number(value) and value == int(value),
        "a whole number",
    ),
    (serializers.FloatField, _is_number, "a number"),
)
