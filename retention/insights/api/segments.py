"""Segments for machines: what there is, rules of one's own, who is in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api import Problem, idempotent
from retention.access.api.finding import ByNumber, by_number
from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.conditions.asking import TookTooLong, count_of
from retention.insights.conditions.expected import segments_read_once
from retention.insights.conditions.tree import NotSound, read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.models import Segment, SegmentMembership
from retention.insights.refreshing import ask_for_members
from retention.insights.selectors import known_until
from retention.insights.services.define_segment import NotARule, define_segment
from retention.insights.services.delete_segment import SegmentInUse, delete_segment
from retention.present.templatetags.present import number

from . import segment_shapes as shapes

SECONDS = 10.0
LEARNED = OpenApiResponse(description="Its customers come from a training and follow no rule.")
KEPT = OpenApiResponse(description="A campaign or a recommendation rule uses it, or it is learned.")
TOO_LONG = OpenApiResponse(description="The database did not answer in time: ask for less.")


@extend_schema_view(get=extend_schema(summary="List segments"))
class SegmentsView(ListAPIView[Segment]):
    """Groups of customers with names that people understand; POST makes one of a rule."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.SEGMENTS_WRITE}
    serializer_class = shapes.SegmentSerializer
    queryset = Segment.objects.all()
    filterset_fields = ("kind",)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with segments_read_once():
            return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Make a segment",
        description=(
            "Of a rule. A job finds its customers at once, and again every night; until then"
            " `computed_at` is null."
        ),
        operation_id="make_segment",
        request=shapes.SegmentIn,
        responses={201: shapes.SegmentSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = shapes.SegmentIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return _defined(request, asked, status=201)


@extend_schema_view(get=extend_schema(summary="Read a segment"))
class SegmentView(ByNumber[Segment]):
    """One group; PATCH gives a segment of a rule another name or rule, DELETE ends it."""

    required_scopes = {
        "GET": Scope.READ,
        "PATCH": Scope.SEGMENTS_WRITE,
        "DELETE": Scope.SEGMENTS_WRITE,
    }
    serializer_class = shapes.SegmentSerializer
    queryset = Segment.objects.all()

    @extend_schema(
        summary="Change a segment",
        operation_id="change_segment",
        request=shapes.SegmentIn(partial=True),
        responses={200: shapes.SegmentSerializer, 409: LEARNED},
    )
    def patch(self, request: Request, pk: int) -> Response:
        segment = by_number(Segment.objects.all(), pk)
        asked = shapes.SegmentIn(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return _defined(request, asked, segment=segment)

    @extend_schema(
        summary="Delete a segment",
        description="One of a rule, with the record of who was in it and when.",
        operation_id="delete_segment",
        responses={204: OpenApiResponse(description="Deleted."), 409: KEPT},
    )
    def delete(self, request: Request, pk: int) -> Response:
        segment = by_number(Segment.objects.all(), pk)
        with _refusals():
            delete_segment(segment, by=str(request.user), at=timezone.now())
        return Response(status=204)


@extend_schema_view(get=extend_schema(summary="List the customers of a segment"))
class MembersView(ListAPIView[SegmentMembership]):
    """Who is in a segment now, who entered last first; without who objected since."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = shapes.MemberSerializer
    filter_backends = []
    queryset = SegmentMembership.objects.none()

    def get_queryset(self) -> QuerySet[SegmentMembership]:
        segment = by_number(Segment.objects.all(), self.kwargs["pk"])
        members = SegmentMembership.objects.current().consented().filter(segment=segment)
        return members.select_related("customer")


class CountView(APIView):
    """How many customers a rule finds now. Stores nothing."""

    required_scopes = {"POST": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Count the customers of a rule",
        description="At most 30 times a minute.",
        operation_id="count_segment",
        request=shapes.RuleIn,
        responses={200: shapes.CountSerializer, 409: TOO_LONG},
    )
    def post(self, request: Request) -> Response:
        asked = shapes.RuleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        as_of = known_until(timezone.now())
        with _refusals():
            rule = read_rule(asked.validated_data["rule"])
            count = count_of(rule, at=as_of, seconds=SECONDS)
        told = {
            "count": count,
            "shown": number(count),
            "words": in_words(rule),
            "as_of": as_of,
        }
        return Response(shapes.CountSerializer(told).data)


def _defined(
    request: Request, asked: shapes.SegmentIn, *, segment: Segment | None = None, status: int = 200
) -> Response:
    at, who = timezone.now(), str(request.user)
    with _refusals(), transaction.atomic():
        made = define_segment(asked.plan(of=segment), by=who, at=at, segment=segment)
        ask_for_members(made, at=at, asked_by=who)
    return Response(shapes.SegmentSerializer(made).data, status=status)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotSound as refused:
        errors = {wrong.place or "rule": [wrong.words] for wrong in refused.wrongs}
        raise Problem(422, "Not sound", str(refused), errors=errors) from None
    except NotARule as refused:
        raise Problem(409, "Not a rule", str(refused)) from None
    except SegmentInUse as refused:
        raise Problem(409, "In use", str(refused)) from None
    except TookTooLong as refused:
        raise Problem(409, "Took too long", str(refused)) from None
