"""After how long customers order again, for machines."""

import math
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.analysis.repurchase import Band, repurchase
from retention.insights.selectors import known_until
from retention.learning.measure.intervals import Estimate

from .analysis import TOO_LONG, FoundShape, in_time, told
from .figures import FigureShape


class WaitShape(serializers.Serializer[object]):
    day = serializers.IntegerField()
    ordered_again = FigureShape(
        allow_null=True, help_text="By the end of the day; null where fewer than ten are watched."
    )
    waiting = FoundShape()


class BandShape(serializers.Serializer[object]):
    after = serializers.IntegerField(help_text="1, 2, or 3 for the third order and all later ones.")
    orders = serializers.IntegerField()
    median_days = FigureShape(
        help_text="By when half have ordered again; null where they have not, or without an end."
    )
    days = WaitShape(many=True)


class RepurchaseShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField()
    bands = BandShape(many=True)


class RepurchaseView(APIView):
    """After how long customers order again, and who is past each day without."""

    required_scopes = {"GET": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Read after how long customers order again",
        operation_id="analysis_repurchase",
        responses={200: RepurchaseShape, 409: TOO_LONG},
    )
    def get(self, request: Request) -> Response:
        at = known_until(timezone.now())
        with in_time():
            bands = repurchase(at=at)
        shown = [_band(band) for band in bands]
        return Response(RepurchaseShape({"as_of": at, "bands": shown}).data)


def _band(band: Band) -> dict[str, Any]:
    return {
        "after": band.after,
        "orders": band.waits,
        "median_days": _known(band.survival.median),
        "days": [
            {
                "day": day,
                "ordered_again": _known(share) if (share := band.share(day)) else None,
                "waiting": told(found),
            }
            for day, found in band.waiting.items()
        ],
    }


def _known(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: value if math.isfinite(value) else None for name, value in estimate.as_json().items()
    }
