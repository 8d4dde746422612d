"""Shapes of what the API is asked and answers about segments."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from retention.access.api.bodies import Body
from retention.insights.conditions.kinds import kinds
from retention.insights.conditions.tree import SCHEMA
from retention.insights.conditions.wording import stored_words
from retention.insights.models import Segment, SegmentMembership
from retention.insights.services.define_segment import LONGEST_NAME, SegmentPlan

EXAMPLE = {
    "schema": 1,
    "all": [
        {"is": "bought_category", "category": "Kitchen > Mugs", "at_least": 2, "days": 90},
        {"is": "risk", "above": 0.6},
        {"not": {"is": "coupon", "days": 30}},
    ],
}


class RuleField(serializers.JSONField):
    """A rule as JSON; what is wrong with it is told by its place."""


class RuleScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # it is untyped
    """A rule as the conditions there are describe it: a shape that holds itself."""

    target_class = RuleField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        inner = {"$ref": "#/components/schemas/RulePart"}
        _register(auto_schema, "RulePart", {"oneOf": _shapes(inner, {})})
        root = {"schema": {"const": SCHEMA}}
        rule = {"oneOf": _shapes(inner, root), "examples": [EXAMPLE]}
        return _register(auto_schema, "Rule", rule)


def _shapes(inner: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """all, any, not, and every condition; root : what only the outermost one has."""
    several = {"type": "array", "items": inner, "minItems": 1}
    joins = {"all": several, "any": several, "not": inner}
    shapes = [({name: of}, [name]) for name, of in joins.items()]
    for kind in kinds().values():
        values = {field.name: field.schema() for field in kind.fields}
        needed = [field.name for field in kind.fields if field.required]
        shapes.append(({"is": {"const": kind.name}} | values, ["is", *needed]))
    return [
        {
            "type": "object",
            "properties": properties | root,
            "required": needed,
            "additionalProperties": False,
        }
        for properties, needed in shapes
    ]


def _register(auto_schema: Any, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    component = ResolvedComponent(  # type: ignore[no-untyped-call] # it is untyped
        name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
    )
    auto_schema.registry.register_on_missing(component)
    reference: dict[str, Any] = component.ref
    return reference


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    profile = serializers.DictField()
    rule = RuleField(allow_null=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = Segment
        fields = (
            "id",
            "kind",
            "key",
            "name",
            "description",
            "profile",
            "size",
            "computed_at",
            "rule",
            "words",
            "problem",
        )

    @extend_schema_field({"type": ["string", "null"], "description": "The rule in words."})
    def get_words(self, segment: Segment) -> str | None:
        return stored_words(segment.rule) or None


class SegmentIn(Body[Segment]):
    name = serializers.CharField(max_length=LONGEST_NAME)
    description = serializers.CharField(max_length=1_000, allow_blank=True, required=False)
    rule = RuleField()

    def plan(self, *, of: Segment | None = None) -> SegmentPlan:
        """What valid data asks for; what it leaves out is as it stands."""
        now = {"name": of.name, "description": of.description, "rule": of.rule} if of else {}
        return SegmentPlan(**(now | self.validated_data))


class RuleIn(Body[object]):
    rule = RuleField()


class CountSerializer(serializers.Serializer[object]):
    count = serializers.IntegerField()
    shown = serializers.CharField(help_text='For people: "1,234".')
    words = serializers.CharField(help_text="The rule in words.")
    as_of = serializers.DateTimeField(help_text="The moment the rule was asked about.")


class MemberSerializer(serializers.ModelSerializer[SegmentMembership]):
    customer = serializers.CharField(source="customer.external_id")

    class Meta:
        model = SegmentMembership
        fields = ("customer", "entered_at")
