"""Behaviour for machines: every figure with the rule that finds its customers."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from retention.access.api import Problem
from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.analysis.funnel import PERIODS, STEPS, funnel
from retention.insights.analysis.ordering import MONTHS, QUIET, Found, Histories
from retention.insights.analysis.repurchase import repurchase
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.learning.measure.intervals import Estimate
from retention.present.groups import at_least_few, is_told

SECONDS = 10.0
TOO_LONG = OpenApiResponse(description="The database did not answer in time: ask for less.")


class FoundShape(serializers.Serializer[object]):
    count = serializers.IntegerField(
        allow_null=True, help_text="Null where they are few, from one to nine."
    )
    shown = serializers.CharField()
    rule = serializers.DictField(help_text="Finds these customers; a segment can be made of it.")


class ThenShape(FoundShape):
    months = serializers.IntegerField(help_text="So many months after that of the first order.")
    share = serializers.FloatField(allow_null=True, help_text="Of the cohort; null where few.")


class CohortShape(serializers.Serializer[object]):
    month = serializers.DateField(help_text="Its first day.")
    size = serializers.IntegerField(allow_null=True)
    ordered = ThenShape(many=True)


class CohortsShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField()
    cohorts = CohortShape(many=True)


class LifeShape(serializers.Serializer[object]):
    month = serializers.DateField(help_text="Its first day.")
    new = FoundShape()
    returning = FoundShape()
    resurrected = FoundShape()
    dormant = FoundShape(allow_null=True, help_text="Null while the month is not over.")


class LifecycleShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField()
    months = LifeShape(many=True)


class AskedMonths(serializers.Serializer[Any]):
    months = serializers.ChoiceField(
        choices=MONTHS, default=MONTHS[0], help_text="Beside the one that is not over."
    )


class AskedLifecycle(AskedMonths):
    quiet = serializers.ChoiceField(
        choices=QUIET, default=3, help_text="Months without an order that make somebody dormant."
    )


class CohortsView(APIView):
    """Customers by the month of their first order: how many ordered in each month since."""

    required_scopes = {"GET": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Read who comes back, by month of the first order",
        operation_id="analysis_cohorts",
        parameters=[AskedMonths],
        responses={200: CohortsShape, 409: TOO_LONG},
    )
    def get(self, request: Request) -> Response:
        histories = _histories(asked_of(request, AskedMonths)["months"])
        cohorts = [
            {
                "month": one.month.date(),
                "size": told(one.ordered[0])["count"],
                "ordered": [
                    told(found) | {"months": since, "share": _share(found.count, one.size)}
                    for since, found in enumerate(one.ordered)
                ],
            }
            for one in histories.cohorts().cohorts
        ]
        return Response(CohortsShape({"as_of": histories.at, "cohorts": cohorts}).data)


class LifecycleView(APIView):
    """Each month's customers: new, returning, resurrected, and those who went dormant."""

    required_scopes = {"GET": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Read what each month's customers are",
        operation_id="analysis_lifecycle",
        parameters=[AskedLifecycle],
        responses={200: LifecycleShape, 409: TOO_LONG},
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(request, AskedLifecycle)
        histories = _histories(asked["months"])
        months = [
            {
                "month": one.month.date(),
                "new": told(one.new),
                "returning": told(one.returning),
                "resurrected": told(one.resurrected),
                "dormant": told(one.dormant) if one.dormant else None,
            }
            for one in histories.lifecycle(quiet=asked["quiet"])
        ]
        return Response(LifecycleShape({"as_of": histories.at, "months": months}).data)


def asked_of(request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What the address asks for."""
    asked = shape(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def told(found: Found) -> dict[str, Any]:
    count = found.count if is_told(found.count) else None
    return {"count": count, "shown": at_least_few(found.count), "rule": found.rule}


@contextmanager
def in_time() -> Iterator[None]:
    """Answers 409 where the database takes too long."""
    try:
        with within(SECONDS):
            yield
    except TookTooLong as refused:
        raise Problem(409, "Took too long", str(refused)) from None


def _histories(months: int) -> Histories:
    with in_time():
        return Histories(at=known_until(timezone.now()), months=months + 1)


def _share(count: int, size: int) -> float | None:
    return count / size if size and is_told(count) and is_told(size) else None


class ShareShape(serializers.Serializer[object]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class WaitShape(serializers.Serializer[object]):
    day = serializers.IntegerField()
    ordered_again = ShareShape(
        allow_null=True, help_text="By the end of the day; null where fewer than ten are watched."
    )
    waiting = FoundShape()


class BandShape(serializers.Serializer[object]):
    after = serializers.IntegerField(help_text="1, 2, or 3 for the third order and all later ones.")
    orders = serializers.IntegerField(allow_null=True)
    median_days = ShareShape(
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
        shown = [
            {
                "after": band.after,
                "orders": band.waits if is_told(band.waits) else None,
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
            for band in bands
        ]
        return Response(RepurchaseShape({"as_of": at, "bands": shown}).data)


def _known(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: value if math.isfinite(value) else None for name, value in estimate.as_json().items()
    }


class StepShape(serializers.Serializer[object]):
    step = serializers.ChoiceField(choices=list(STEPS))
    reached = FoundShape(help_text="Took it and all steps before it.")
    lost = FoundShape(allow_null=True, help_text="Took all steps before it, and not it.")


class FunnelShape(serializers.Serializer[object]):
    as_of = serializers.DateTimeField()
    days = serializers.IntegerField()
    steps = StepShape(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Steps nobody took, which are left out."
    )
    past_it = FoundShape(allow_null=True, help_text="Ordered without all steps before.")


class AskedPeriod(serializers.Serializer[Any]):
    days = serializers.ChoiceField(choices=PERIODS, default=PERIODS[0])


class FunnelView(APIView):
    """How far customers came in the last days, and who was lost between two steps."""

    required_scopes = {"GET": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Read how far customers come",
        operation_id="analysis_funnel",
        parameters=[AskedPeriod],
        responses={200: FunnelShape, 409: TOO_LONG},
    )
    def get(self, request: Request) -> Response:
        days, at = asked_of(request, AskedPeriod)["days"], known_until(timezone.now())
        with in_time():
            known = funnel(at=at, days=days)
        steps = [
            {
                "step": step.name,
                "reached": told(step.reached),
                "lost": told(step.lost) if step.lost else None,
            }
            for step in known.steps
        ]
        around = told(known.past_it) if known.past_it else None
        shown = {"as_of": at, "days": days, "missing": known.missing, "past_it": around}
        return Response(FunnelShape(shown | {"steps": steps}).data)
