"""Questions to the churn model about a customer: what if, what is the least, against another."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.finding import OfCustomer, customer_called
from retention.access.api import Problem
from retention.access.api.bodies import Body
from retention.access.api.throttle import SlowThrottle
from retention.access.models import Scope
from retention.insights.explaining import (
    NothingToExplain,
    Subject,
    last_order_in_words,
    subject_of,
)
from retention.insights.models import Band
from retention.insights.publishing import known
from retention.learning.churn.asking import (
    HOPED,
    MOST,
    Judged,
    Smallest,
    compare,
    effects,
    steps,
)
from retention.learning.churn.following import (
    ASKABLE,
    SPECS,
    Impossible,
    UnknownFact,
    refuse_unknown,
)
from retention.learning.churn.following_orders import Facts

from .serializers import ReasonSerializer


class ExplainIn(Body[Any]):
    facts = serializers.DictField(
        child=serializers.FloatField(),
        default=dict,
        help_text="Facts changed, by name; amounts in minor units, shares from 0 to 1.",
    )
    target = serializers.FloatField(
        required=False, help_text="Find the least change that brings the probability below this."
    )
    among = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MOST,
        help_text=f"Facts that the least change may use, at most {MOST}. Unless said:"
        f" {', '.join(HOPED)}.",
    )
    compare_with = serializers.CharField(
        required=False, max_length=160, help_text="Another customer's id."
    )


class JudgedOut(serializers.Serializer[Any]):
    probability = serializers.FloatField()
    band = serializers.ChoiceField(choices=Band.choices)
    log_odds = serializers.FloatField()
    base_log_odds = serializers.FloatField()
    reasons = ReasonSerializer(many=True)
    rest = serializers.FloatField(help_text="`log_odds` less `base_log_odds` and all effects.")


class FactOut(serializers.Serializer[Any]):
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    theme = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Null where it is not known.")
    effect = serializers.FloatField(
        help_text="What it alone adds, log-odds: the facts of a theme add up to its reason."
    )
    can_be_asked = serializers.BooleanField(help_text="False: it is counted from others.")


class StepOut(serializers.Serializer[Any]):
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class SmallestOut(JudgedOut):
    found = serializers.BooleanField(help_text="False: no one or two of the facts are enough.")
    target = serializers.FloatField()
    changes = StepOut(many=True)
    followed = StepOut(many=True)


class DifferenceOut(serializers.Serializer[Any]):
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    value = serializers.FloatField(allow_null=True)
    other = serializers.FloatField(allow_null=True)
    effect = serializers.FloatField()


class AgainstOut(JudgedOut):
    customer = serializers.CharField()
    log_odds_difference = serializers.FloatField(help_text="All effects of `differences`, added.")
    differences = DifferenceOut(many=True)


class ExplainOut(JudgedOut):
    customer = serializers.CharField()
    model_version = serializers.CharField()
    now = JudgedOut(help_text="As they are.")
    changed = StepOut(many=True)
    followed = StepOut(many=True, help_text="What hangs on the changed facts.")
    last_order = serializers.CharField(
        help_text="For people: what another time of the last order is taken to mean."
    )
    facts = FactOut(many=True, help_text="Everything the model looks at, after the changes.")
    smallest = SmallestOut(allow_null=True)
    comparison = AgainstOut(allow_null=True)


class ExplainView(OfCustomer):
    """Ask the model about a customer. Nothing is stored."""

    required_scopes = {"POST": Scope.READ}
    throttle_classes = [SlowThrottle]

    @extend_schema(
        summary="Ask the churn model about a customer",
        description=(
            "What the model would say if facts were other; which least change brings the risk"
            " below a target; what sets the customer apart from another. Facts that hang together"
            " move together. It says what the model looks at, not what a coupon would do."
            " At most 30 times a minute."
        ),
        operation_id="explain_customer_churn",
        request=ExplainIn,
        responses={
            200: ExplainOut,
            422: OpenApiResponse(description="No customer could be so, or no such fact."),
        },
        examples=[
            OpenApiExample(
                "Ordered ten days ago",
                value={"facts": {"days_since_last_order": 10}, "target": 0.3},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, external_id: str) -> Response:
        asked = ExplainIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            subject = subject_of(self.customer(external_id))
            other = _other(given.get("compare_with"))
            return Response(_answer(subject, given, other))
        except NothingToExplain as nothing:
            raise Problem(404, "No score", str(nothing)) from nothing
        except UnknownFact as unknown:
            raise Problem(422, "Unknown fact", str(unknown), facts=list(ASKABLE)) from unknown
        except Impossible as impossible:
            raise Problem(422, "No customer can be so", str(impossible)) from impossible


def _other(external_id: str | None) -> Subject | None:
    if external_id is None:
        return None
    return subject_of(customer_called(external_id).current)


def _answer(subject: Subject, given: dict[str, Any], other: Subject | None) -> dict[str, Any]:
    asked = given["facts"]
    now = subject.changed(asked)
    alone = effects(subject.model, now)
    made, followed = _steps(subject.facts, now, asked)
    target = given.get("target")
    return _judged(subject, subject.judged(now)) | {
        "customer": subject.customer.external_id,
        "model_version": str(subject.version),
        "now": _judged(subject, subject.judged()),
        "changed": made,
        "followed": followed,
        "last_order": last_order_in_words(subject, now),
        "facts": [_fact(name, now[name], alone.get(name, 0.0)) for name in SPECS],
        "smallest": None if target is None else _smallest(subject, target, given),
        "comparison": None if other is None else _comparison(subject, now, other),
    }


def _smallest(subject: Subject, target: float, given: dict[str, Any]) -> Any:
    if not 0 < target < 1:
        raise Problem(422, "No probability", f"target must lie between 0 and 1, got {target:g}.")
    among = given.get("among", HOPED)
    refuse_unknown(tuple(among))
    facts = subject.changed(given["facts"])
    found = subject.smallest_change(given["facts"], below=target, among=among)
    best = found or Smallest({}, subject.judged(facts), 0.0)
    made, followed = _steps(facts, best.judged.facts, best.changes)
    return _judged(subject, best.judged) | {
        "found": found is not None,
        "target": target,
        "changes": made,
        "followed": followed,
    }


def _comparison(subject: Subject, facts: Facts, other: Subject) -> dict[str, Any]:
    mine, theirs = subject.judged(facts), other.judged()
    return _judged(subject, theirs) | {
        "customer": other.customer.external_id,
        "log_odds_difference": mine.log_odds - theirs.log_odds,
        "differences": [
            {
                "feature": gap.feature,
                "label": SPECS[gap.feature].label,
                "value": known(gap.mine),
                "other": known(gap.theirs),
                "effect": gap.effect,
            }
            for gap in compare(subject.model, facts, theirs.facts)
        ],
    }


def _judged(subject: Subject, judged: Judged) -> dict[str, Any]:
    return {
        "probability": judged.probability,
        "band": subject.band(judged),
        "log_odds": judged.log_odds,
        "base_log_odds": judged.base,
        "reasons": [
            {
                "feature": reason.feature,
                "theme": reason.theme,
                "value": known(reason.value),
                "effect": reason.effect,
                "sentence": reason.sentence,
            }
            for reason in judged.reasons
        ],
        "rest": judged.rest,
    }


def _steps(was: Facts, now: Facts, asked: Facts) -> tuple[list[Any], list[Any]]:
    """The asked facts that moved, and those that followed."""
    made: list[Any] = []
    followed: list[Any] = []
    for step in steps(was, now, asked):
        (made if step.asked else followed).append(
            {
                "feature": step.feature,
                "label": SPECS[step.feature].label,
                "before": known(step.before),
                "after": known(step.after),
            }
        )
    return made, followed


def _fact(name: str, value: float, effect: float) -> dict[str, Any]:
    spec = SPECS[name]
    return {
        "feature": name,
        "label": spec.label,
        "theme": spec.theme,
        "value": known(value),
        "effect": effect,
        "can_be_asked": name in ASKABLE,
    }
