"""Who comes into a segment, for machines: the tree with its figures; POST has it learned."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api import Problem, idempotent
from retention.access.api.bodies import Body
from retention.access.api.finding import by_number
from retention.access.models import Scope
from retention.insights.joining_words import is_stale, nodes, verdict
from retention.insights.models import Segment, SegmentJoining
from retention.insights.models.joining import LONGEST, SHORTEST
from retention.insights.refreshing import ask_who_joins

from .figures import FigureShape
from .segment_shapes import RuleField
from .serializers import AskedSerializer


class LearnJoiningIn(Body[object]):
    days = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST)


class JoiningNodeShape(serializers.Serializer[object]):
    above = serializers.IntegerField(allow_null=True, help_text="The node before; null: the first.")
    words = serializers.CharField(help_text="How its customers differ from those before.")
    is_leaf = serializers.BooleanField()
    customers = serializers.IntegerField(source="n", help_text="Of the later window.")
    joined = FigureShape(allow_null=True, help_text="The share of them who came in; null: a few.")
    now = serializers.IntegerField(help_text="Who are there now.")
    rule = RuleField(allow_null=True, help_text="Of a leaf: a segment of its customers.")


class JoiningShape(serializers.Serializer[SegmentJoining]):
    days = serializers.IntegerField(source="horizon_days")
    words = serializers.SerializerMethodField(help_text="How well it tells, in one sentence.")
    tells = serializers.SerializerMethodField(help_text="Whether it ranks better than chance.")
    auc = FigureShape(source="quality.auc", allow_null=True, default=None)
    lift = FigureShape(source="quality.lift", allow_null=True, default=None)
    nodes = serializers.SerializerMethodField(help_text="Empty where nothing can be told.")
    is_stale = serializers.SerializerMethodField(help_text="The segment's rule has changed since.")
    as_of = serializers.DateTimeField()
    computed_at = serializers.DateTimeField()

    @extend_schema_field(serializers.CharField())
    def get_words(self, joining: SegmentJoining) -> str:
        return verdict(joining)

    @extend_schema_field(serializers.BooleanField())
    def get_tells(self, joining: SegmentJoining) -> bool:
        return bool(joining.quality.get("tells"))

    @extend_schema_field(JoiningNodeShape(many=True))
    def get_nodes(self, joining: SegmentJoining) -> Any:
        return JoiningNodeShape(nodes(joining), many=True).data if self.get_tells(joining) else []

    @extend_schema_field(serializers.BooleanField())
    def get_is_stale(self, joining: SegmentJoining) -> bool:
        return is_stale(joining)


class JoiningView(APIView):
    """Which customers, not in a segment, come into it: learned when somebody asks for it."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.SEGMENTS_WRITE}

    @extend_schema(
        summary="Who comes into a segment",
        description="404 until it was learned.",
        operation_id="read_joining",
        responses={200: JoiningShape},
    )
    def get(self, request: Request, pk: int) -> Response:
        segment = by_number(Segment.objects.all(), pk)
        learned = SegmentJoining.objects.select_related("segment").filter(segment=segment).first()
        if learned is None:
            said = f"Who comes into segment {pk} was not learned yet. POST here to have it learned."
            raise Problem(404, "Not learned", said)
        return Response(JoiningShape(learned).data)

    @extend_schema(
        summary="Learn who comes into a segment",
        description="A job does; its answer takes the place of the last one.",
        operation_id="learn_joining",
        request=LearnJoiningIn,
        responses={202: AskedSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        segment = by_number(Segment.objects.all(), pk)
        asked = LearnJoiningIn(data=request.data)
        asked.is_valid(raise_exception=True)
        days, who = asked.validated_data["days"], str(request.user)
        run = ask_who_joins(segment, days=days, at=timezone.now(), asked_by=who)
        return Response(AskedSerializer({"job": run.pk}).data, status=202)
