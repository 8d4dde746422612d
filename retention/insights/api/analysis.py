"""Behaviour for machines: every figure with the rule that finds its customers."""

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
from retention.access.api.choices import Choice
from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.analysis.funnel import PERIODS, STEPS, Funnel, funnel
from retention.insights.analysis.ordering import MONTHS, QUIET, Cohorts, Found, Histories, LifeMonth
from retention.insights.conditions.asking import TookTooLong, within
from retention.insights.selectors import known_until
from retention.present.templatetags.present import number

SECONDS = 10.0
TOO_LONG = OpenApiResponse(description="The database did not answer in time: ask for less.")


class FoundShape(serializers.Serializer[object]):
    count = serializers.IntegerField()
    shown = serializers.CharField(help_text="The count for people.")
    rule = serializers.DictField(help_text="Finds these customers; a segment can be made of it.")


class ThenShape(FoundShape):
    months = serializers.IntegerField(help_text="So many months after that of the first order.")
    share = serializers.FloatField(allow_null=True, help_text="Of the cohort; null where empty.")


class CohortShape(serializers.Serializer[object]):
    month = serializers.DateField(help_text="Its first day.")
    size = serializers.IntegerField()
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
    months = Choice(choices=MONTHS, default=MONTHS[0], help_text="Beside the one that is not over.")


class AskedLifecycle(AskedMonths):
    quiet = Choice(
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
        cohorts = _cohorts(histories.cohorts())
        return Response(CohortsShape({"as_of": histories.at, "cohorts": cohorts}).data)


def _cohorts(cohorts: Cohorts) -> list[dict[str, Any]]:
    return [
        {
            "month": one.month.date(),
            "size": one.size,
            "ordered": [
                told(found)
                | {"months": since, "share": found.count / one.size if one.size else None}
                for since, found in enumerate(one.ordered)
            ],
        }
        for one in cohorts.cohorts
    ]


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
        months = [_month(one) for one in histories.lifecycle(quiet=asked["quiet"])]
        return Response(LifecycleShape({"as_of": histories.at, "months": months}).data)


def _month(one: LifeMonth) -> dict[str, Any]:
    return {
        "month": one.month.date(),
        "new": told(one.new),
        "returning": told(one.returning),
        "resurrected": told(one.resurrected),
        "dormant": told(one.dormant) if one.dormant else None,
    }


def asked_of(request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What the address asks for."""
    asked = shape(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def told(found: Found) -> dict[str, Any]:
    """In full: whoever may read this may read the customers as well."""
    return {"count": found.count, "shown": number(found.count), "rule": found.rule}


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
    days = Choice(choices=PERIODS, default=PERIODS[0])


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
        return Response(FunnelShape({"as_of": at, "days": days} | _funnel(known)).data)


def _funnel(known: Funnel) -> dict[str, Any]:
    return {
        "missing": known.missing,
        "past_it": told(known.past_it) if known.past_it else None,
        "steps": [
            {
                "step": step.name,
                "reached": told(step.reached),
                "lost": told(step.lost) if step.lost else None,
            }
            for step in known.steps
        ],
    }
