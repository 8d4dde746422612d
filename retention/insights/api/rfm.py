"""RFM for machines: the grid, and who moved between the names."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api import Problem
from retention.access.models import Scope
from retention.insights.models.rfm import LABELS
from retention.insights.months import MONTHS
from retention.insights.rfm import rfm_grid, rfm_months
from retention.learning.segment.rfm import RfmName
from retention.present.templatetags.present import number

NOTHING_YET = OpenApiResponse(description="No training has looked back yet.")
ALL_NAMES = ", ".join(RfmName)


class CellShape(serializers.Serializer[object]):
    recency = serializers.IntegerField(help_text="1 to 5, 5 ordered latest.")
    worth_from = serializers.FloatField(help_text="Mean of frequency and money, from.")
    worth_to = serializers.FloatField(help_text="The same, to.")
    name = serializers.CharField(help_text=f"One of {ALL_NAMES}.")
    title = serializers.CharField(help_text="The name for people.")
    count = serializers.IntegerField()
    shown = serializers.CharField(help_text="The count for people.")


class GridShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField(allow_null=True, help_text="Null before the first training.")
    customers = serializers.IntegerField()
    cells = CellShape(many=True)
    months = serializers.ListField(
        child=serializers.DateTimeField(),
        help_text="What movement can be asked between, oldest first; the last is `as_of`.",
    )


class MovedShape(serializers.Serializer[object]):
    was = serializers.CharField(help_text=f"One of {ALL_NAMES}, NOT_YET.")
    now = serializers.CharField(help_text=f"One of {ALL_NAMES}.")
    count = serializers.IntegerField()
    shown = serializers.CharField(help_text="The count for people.")


class MovementShape(serializers.Serializer[object]):
    earlier_at = serializers.DateTimeField()
    later_at = serializers.DateTimeField()
    cells = MovedShape(many=True)


class AskedMonths(serializers.Serializer[Any]):
    earlier = serializers.IntegerField(
        default=1,
        min_value=0,
        max_value=MONTHS - 1,
        help_text="Starts of a month back: 0 is now, 1 the start of this month.",
    )
    later = serializers.IntegerField(
        default=0,
        min_value=0,
        max_value=MONTHS - 1,
        help_text="The same; of the two the one longer ago is the earlier.",
    )


class RfmView(APIView):
    """How many customers each recency, and frequency and money together, has."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(summary="Read the RFM grid", operation_id="rfm_grid", responses={200: GridShape})
    def get(self, request: Request) -> Response:
        grid = rfm_grid()
        cells = [
            {
                "recency": cell.recency,
                "worth_from": cell.worth_from,
                "worth_to": cell.worth_to,
                "name": str(cell.name),
                "title": LABELS[cell.name],
                **_counted(cell.count),
            }
            for row in grid.rows
            for cell in row
        ]
        moments = rfm_months().months
        shown = {"as_of": grid.as_of, "customers": grid.customers, "months": moments}
        return Response(GridShape(shown | {"cells": cells}).data)


class MovementView(APIView):
    """Who had which RFM name, and which one later; pairs that nobody moved between are left out."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="Read who moved between the RFM names",
        operation_id="rfm_movement",
        parameters=[AskedMonths],
        responses={200: MovementShape, 409: NOTHING_YET},
    )
    def get(self, request: Request) -> Response:
        asked = AskedMonths(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        later, earlier = sorted(asked.validated_data.values())
        known = rfm_months()
        if not known.months:
            raise Problem(409, "Not learned yet", "No training has looked back yet.")
        movement = known.movement(earlier=earlier, later=later)
        cells = [
            {"was": was, "now": str(now), **_counted(count)}
            for was, row in zip(movement.was, movement.counts, strict=True)
            for now, count in zip(movement.now, row, strict=True)
            if count
        ]
        moments = {
            "earlier_at": known.months[-1 - earlier],
            "later_at": known.months[-1 - later],
        }
        return Response(MovementShape(moments | {"cells": cells}).data)


def _counted(count: int) -> dict[str, Any]:
    """In full: whoever may read this may read the customers as well."""
    return {"count": count, "shown": number(count)}
