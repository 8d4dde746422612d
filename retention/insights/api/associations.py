"""What is bought together, and what after what."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from retention.access.api.choices import Choice
from retention.access.models import Scope
from retention.insights.models import AssociationRule
from retention.insights.wording import rule_in_words


class GapSerializer(serializers.Serializer[AssociationRule]):
    within_days = serializers.IntegerField(help_text="So long after the first was looked.")
    low = serializers.FloatField(source="gap_low", help_text="A quarter came sooner.")
    median = serializers.FloatField(source="gap_median")
    high = serializers.FloatField(source="gap_high", help_text="A quarter came later.")
    back = serializers.IntegerField(help_text="Customers the other way round.")


class AssociationRuleSerializer(serializers.ModelSerializer[AssociationRule]):
    antecedent = serializers.SerializerMethodField(help_text="Ids of one product, or of two.")
    consequent = serializers.CharField(source="consequent.external_id")
    sentence = serializers.SerializerMethodField(help_text="For people.")
    gap_days = serializers.SerializerMethodField(help_text="Null for one basket.")
    window_start_at = serializers.DateTimeField(source="version.run.window_start_at")
    window_end_at = serializers.DateTimeField(source="version.run.window_end_at")

    class Meta:
        model = AssociationRule
        fields = (
            "id",
            "kind",
            "antecedent",
            "consequent",
            "sentence",
            "both",
            "of",
            "total",
            "customers",
            "support",
            "confidence",
            "confidence_low",
            "confidence_high",
            "usual",
            "lift",
            "leverage",
            "conviction",
            "expected",
            "beyond",
            "false_discovery_rate",
            "gap_days",
            "window_start_at",
            "window_end_at",
        )

    def get_antecedent(self, rule: AssociationRule) -> list[str]:
        return sorted(product.external_id for product in rule.antecedent.all())

    def get_sentence(self, rule: AssociationRule) -> str:
        return rule_in_words(rule)

    @extend_schema_field(GapSerializer(allow_null=True))
    def get_gap_days(self, rule: AssociationRule) -> dict[str, float] | None:
        return GapSerializer(rule).data if rule.is_later else None


class AssociationRuleQuery(serializers.Serializer[Any]):
    product = serializers.CharField(
        required=False, max_length=128, help_text="Rules with this product on either side."
    )
    min_lift = serializers.FloatField(
        required=False, min_value=0, help_text="At least so many times as often as usual."
    )
    kind = Choice(required=False, choices=AssociationRule.Kind.choices)


class AssociationRulesView(ListAPIView[AssociationRule]):
    """What is bought together and what follows, the strongest first."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = AssociationRuleSerializer
    filter_backends = []
    queryset = AssociationRule.objects.none()

    @extend_schema(
        summary="List association rules",
        operation_id="association_rules",
        parameters=[AssociationRuleQuery],
        responses={200: AssociationRuleSerializer(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[AssociationRule]:
        query = AssociationRuleQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = AssociationRule.objects.asked(**query.validated_data)
        return asked.whole().select_related("version__run")
