"""When to write to a customer, and about what, for machines."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.finding import OfCustomer
from retention.access.api import Problem
from retention.access.models import Scope
from retention.insights.models import SendTime, Weekday

NO_TIME = (
    "Nothing is known of when {} is in the shop: they objected to being analysed, were never there "
    "on a day of their own, or nothing was scored yet."
)


class HourShape(serializers.Serializer[object]):
    hour = serializers.IntegerField(help_text="0 to 23, on the clock of `timezone`.")
    own = serializers.BooleanField(
        source="hour_is_own", help_text="Their habit; else the shop's busiest hour."
    )
    days = serializers.IntegerField(
        source="hour_days", help_text="In the shop in this hour, or the one before or after it."
    )
    of_days = serializers.IntegerField(source="hour_days_of", help_text="In the shop at all.")


class WeekdayShape(serializers.Serializer[object]):
    weekday = serializers.ChoiceField(source="weekday_name", choices=Weekday.names)
    own = serializers.BooleanField(
        source="weekday_is_own", help_text="Their habit; else the shop's busiest day."
    )
    days = serializers.IntegerField(source="weekday_days", help_text="In the shop on this weekday.")
    of_days = serializers.IntegerField(source="weekday_days_of", help_text="In the shop at all.")


class ChanceShape(serializers.Serializer[object]):
    category = serializers.CharField(source="category.path")
    probability = serializers.FloatField(help_text="Of an order from it within `days`.")
    usual = serializers.FloatField(help_text="Share of all customers who do.")
    days = serializers.IntegerField()


class TimingShape(serializers.Serializer[object]):
    customer = serializers.CharField(source="customer.external_id")
    timezone = serializers.CharField(help_text="The customer's own, or the shop's.")
    hour = HourShape(
        source="*", allow_null=True, help_text="Null where the shop's events have no time of day."
    )
    weekday = WeekdayShape(source="*")
    categories = ChanceShape(many=True, help_text="Those of a chance of 10% or more, best first.")
    computed_at = serializers.DateTimeField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        told = super().to_representation(instance)
        return told if instance.hour is not None else told | {"hour": None}


class TimingView(OfCustomer):
    """The best hour and weekday to write to a customer, and what they are likely to buy next."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="When to write to a customer, and about what",
        operation_id="customer_timing",
        responses=TimingShape,
    )
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        times = SendTime.objects.consented().select_related("customer")
        time = times.filter(customer=customer).first()
        if time is None:
            raise Problem(404, "Not known", NO_TIME.format(external_id))
        return Response(TimingShape(time).data)
