"""What all campaigns together earned, and a ledger of each, for machines."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.models import Campaign, Measurement
from campaigns.selectors.earned import programme
from campaigns.selectors.ledger import entries_of, sums
from campaigns.selectors.verdict import Answer
from retention.access.models import Scope

ANSWERS = [(one.value, one.value) for one in Answer]


class MonthOut(serializers.Serializer[Any]):
    month = serializers.DateField(help_text="Its first day.")
    metric = serializers.ChoiceField(choices=Measurement.Metric.choices)
    text = serializers.CharField(source="label", help_text="For people.")
    reached_mean = serializers.FloatField(help_text="A customer whom campaigns may reach.")
    held_out_mean = serializers.FloatField(help_text="A customer who gets none.")
    effect = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower end; 95 % for all months together.")
    high = serializers.FloatField()


class ProgrammeOut(serializers.Serializer[Any]):
    """All campaigns against the customers who get none, since the first launch beside them."""

    answer = serializers.ChoiceField(choices=ANSWERS)
    headline = serializers.CharField()
    sentence = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    measured_until = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    reached = serializers.IntegerField()
    held_out = serializers.IntegerField()
    sample_ratio_p = serializers.FloatField(allow_null=True)
    money_metric = serializers.CharField(allow_blank=True)
    total = serializers.IntegerField(allow_null=True, help_text="Minor units, of all reached.")
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    kept_days = serializers.IntegerField(allow_null=True)
    late = serializers.IntegerField(help_text="Held out after they came: in neither group.")
    latest = MonthOut(many=True)
    months = MonthOut(many=True)


class EntryOut(serializers.Serializer[Any]):
    campaign = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.CharField()
    launched_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    treated = serializers.IntegerField()
    control = serializers.IntegerField()
    committed = serializers.IntegerField(help_text="If every coupon had been used.")
    discounts = serializers.IntegerField(help_text="By coupons that stayed used.")
    answer = serializers.ChoiceField(choices=ANSWERS)
    headline = serializers.CharField()
    earned = serializers.IntegerField(allow_null=True, help_text="Null before there is an answer.")
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    kept = serializers.FloatField(allow_null=True, help_text="Difference in customers kept.")
    taught = serializers.IntegerField(help_text="Draws that whom coupons change is learned from.")
    lesson = serializers.CharField()


class SumsOut(serializers.Serializer[Any]):
    """Of the campaigns in the shop's currency."""

    currency = serializers.CharField()
    discounts = serializers.IntegerField()
    committed = serializers.IntegerField()
    counted = serializers.IntegerField(help_text="Campaigns with an answer, whose money is summed.")
    earned = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()


class ProgrammeView(APIView):
    """What all campaigns earned against customers who get none, month by month."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(summary="What campaigns earned in all", responses=ProgrammeOut)
    def get(self, request: Request) -> Response:
        return Response(ProgrammeOut(asdict(programme())).data)


class LedgerList(ListAPIView[Campaign]):
    """A row a campaign, newest first: what it cost, earned and taught."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = EntryOut
    filter_backends = []
    queryset = Campaign.objects.launched()

    @extend_schema(summary="Ledger of campaigns")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(
            EntryOut(entries_of(page, at=timezone.now()), many=True).data
        )


class SumsView(APIView):
    """What all campaigns together cost and earned, each against its own control."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(summary="Sums of the ledger", responses=SumsOut)
    def get(self, request: Request) -> Response:
        return Response(SumsOut(asdict(sums(at=timezone.now()))).data)
