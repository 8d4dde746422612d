"""How good the data is, for programs: the same answer as the page gives."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.models import Scope
from retention.insights.models import DataCleaning, Problem, Severity
from retention.insights.quality.decisions import target_of
from retention.insights.quality.report import DataQuality, Told, data_quality


class FindingSerializer(serializers.Serializer[Told]):
    kind = serializers.ChoiceField(choices=Problem.choices, source="finding.kind")
    severity = serializers.ChoiceField(choices=Severity.choices, source="finding.severity")
    open = serializers.BooleanField(
        source="is_open", help_text="False where a decision in force settles it."
    )
    title = serializers.CharField(source="words.title")
    evidence = serializers.CharField(source="words.evidence")
    effect = serializers.CharField(source="words.effect", help_text="What it does to the models.")
    advice = serializers.CharField(source="words.advice")
    count = serializers.IntegerField(source="finding.count")
    of = serializers.IntegerField(source="finding.of")
    share = serializers.FloatField(
        source="finding.share", help_text="Of what models learn from, 0 to 1."
    )
    customer = serializers.CharField(
        source="finding.customer.external_id", allow_null=True, default=None
    )
    first_at = serializers.DateTimeField(source="finding.first_at", allow_null=True)
    last_at = serializers.DateTimeField(source="finding.last_at", allow_null=True)


class CleaningSerializer(serializers.ModelSerializer[DataCleaning]):
    target = serializers.SerializerMethodField()

    class Meta:
        model = DataCleaning
        fields = (
            "id",
            "kind",
            "target",
            "reason",
            "note",
            "customers",
            "events",
            "lines",
            "revenue_share",
            "decided_by",
            "decided_at",
        )

    def get_target(self, cleaning: DataCleaning) -> str:
        return target_of(cleaning)


class QualitySerializer(serializers.Serializer[DataQuality]):
    sentence = serializers.CharField(help_text="How good the data is.")
    checked_at = serializers.DateTimeField(source="check.checked_at", allow_null=True, default=None)
    events = serializers.IntegerField(
        source="check.events", default=0, help_text="All of them, anonymous ones too."
    )
    learned_from = serializers.IntegerField(
        source="check.learned", default=0, help_text="Events of customers who may be analysed."
    )
    customers = serializers.IntegerField(source="check.customers", default=0)
    left_out = serializers.DictField(
        source="check.left_out",
        default=dict,
        child=serializers.IntegerField(),
        help_text="By cleaning: customers and events, and in `capped` lines that count otherwise.",
    )
    findings = FindingSerializer(many=True, source="found", help_text="The most misleading first.")
    cleanings = CleaningSerializer(many=True, help_text="The decisions in force.")


class DataQualityView(APIView):
    """How far the shop's data can be trusted, as it was last checked."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="Data quality",
        description=(
            "What misleads models, the most misleading first, with what each does to them; and what"
            " operators had left out of learning. Checked every night before models learn."
        ),
        operation_id="data_quality",
        responses=QualitySerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(QualitySerializer(data_quality()).data)
