from typing import Any

import pytest
from rest_framework import serializers

from retention.access.api.bodies import Body


class Line(Body[Any]):
    product = serializers.CharField()


class Order(Body[Any]):
    name = serializers.CharField(required=False, allow_null=True)
    pieces = serializers.IntegerField(required=False)
    share = serializers.FloatField(required=False)
    gift = serializers.BooleanField(required=False)
    codes = serializers.ListField(child=serializers.CharField(), required=False)
    lines = serializers.ListField(child=Line(), required=False)


def errors(body: object) -> dict[str, Any]:
    order = Order(data=body)
    order.is_valid()
    return dict(order.errors)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 5),
        ("name", True),
        ("pieces", "5"),
        ("pieces", 5.5),
        ("pieces", True),
        ("share", "0.5"),
        ("share", False),
        ("gift", 1),
        ("gift", "true"),
        ("codes", ["a", 5]),
        ("lines", [{"product": 5}]),
        ("lines", [{"product": "a", "colour": "blue"}]),
        ("colour", "blue"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_by_its_field(field: str, value: object) -> None:
    assert list(errors({field: value})) == [field]


def test_what_the_schema_allows_is_taken() -> None:
    body = {"name": None, "pieces": 5.0, "share": 1, "gift": True, "codes": ["a"], "lines": []}

    assert errors(body) == {}


@pytest.mark.parametrize("body", [[], "order", 5, None])
def test_what_is_no_object_is_refused(body: object) -> None:
    assert errors(body)
