"""Which categories go together, for machines."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api.choices import Choice
from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.analysis.affinity import LEVELS, AffinityMap, Pair, affinity_map
from retention.insights.analysis.funnel import PERIODS
from retention.insights.selectors import known_until

from .analysis import TOO_LONG, FoundShape, asked_of, in_time, told


class CategoryShape(FoundShape):
    category = serializers.CharField()


class LiftShape(serializers.Serializer[object]):
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class PairShape(serializers.Serializer[object]):
    first = serializers.CharField()
    second = serializers.CharField()
    lift = LiftShape(
        allow_null=True,
        help_text="How many bought from both against how many would by chance, with an interval"
        " that holds for all pairs together; null where it cannot be told.",
    )
    is_beyond_chance = serializers.BooleanField(allow_null=True)
    both = FoundShape()
    only_first = FoundShape()
    only_second = FoundShape()
    neither = FoundShape()


class MapShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField()
    days = serializers.IntegerField()
    level = serializers.IntegerField()
    levels = serializers.ListField(
        child=serializers.IntegerField(), help_text="At which levels there are several categories."
    )
    categories = CategoryShape(many=True)
    pairs = PairShape(many=True)


class AskedMap(serializers.Serializer[Any]):
    days = Choice(choices=PERIODS, default=PERIODS[-1])
    level = Choice(
        choices=LEVELS,
        required=False,
        help_text="How deep categories lie; without it, or where there are no two, the level with"
        " the most pairs beyond chance.",
    )


class AffinityView(APIView):
    """Which categories the same customers buy from, against chance among who order as often."""

    required_scopes = {"GET": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Read which categories go together",
        operation_id="analysis_affinity",
        parameters=[AskedMap],
        responses={200: MapShape, 409: TOO_LONG},
    )
    def get(self, request: Request) -> Response:
        at = known_until(timezone.now())
        with in_time():
            known = affinity_map(at=at, **asked_of(request, AskedMap))
        return Response(MapShape({"as_of": at} | _shown(known)).data)


def _shown(known: AffinityMap) -> dict[str, Any]:
    return {
        "days": known.days,
        "level": known.level,
        "levels": known.levels,
        "categories": [
            {"category": path} | told(found)
            for path, found in zip(known.categories, known.buyers, strict=True)
        ],
        "pairs": [_pair(one) for one in known.pairs],
    }


def _pair(one: Pair) -> dict[str, Any]:
    groups = {name: getattr(one, name) for name in ("both", "only_first", "only_second", "neither")}
    return {
        "first": one.first,
        "second": one.second,
        "lift": one.lift.as_json() if one.lift else None,
        "is_beyond_chance": one.is_beyond_chance if one.lift else None,
    } | {name: told(found) for name, found in groups.items()}
