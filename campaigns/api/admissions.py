"""Who came into a campaign, for machines."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Assignment, Campaign
from retention.access.api.choices import Choice
from retention.access.api.finding import by_number
from retention.access.api.moments import MomentField
from retention.access.models import Scope


class AdmissionQuery(serializers.Serializer[Any]):
    arm = Choice(choices=Assignment.Arm.choices, required=False)
    admitted_after = MomentField(required=False)


class AdmissionOut(serializers.ModelSerializer[Assignment]):
    customer = serializers.CharField(
        source="customer.current.external_id",
        default=None,
        allow_null=True,
        help_text="Your customer id; null where they were forgotten.",
    )
    admitted_at = serializers.DateTimeField(source="assigned_at")
    occasion = serializers.CharField(
        allow_blank=True, help_text="What triggered it; empty where all were chosen at the launch."
    )
    outcome_text = serializers.CharField(source="get_outcome_display", help_text="For people.")

    class Meta:
        model = Assignment
        fields = [
            "customer",
            "admitted_at",
            "occasion",
            "arm",
            "offer",
            "probability",
            "outcome",
            "outcome_text",
        ]
        extra_kwargs = {"probability": {"help_text": "With which the lot drew this arm."}}


class AdmissionList(ListAPIView[Assignment]):
    """Who was admitted when, by which occasion and into which arm, newest first."""

    required_scopes = {"GET": Scope.READ}
    serializer_class = AdmissionOut
    filter_backends = []
    queryset = Assignment.objects.none()

    @extend_schema(parameters=[AdmissionQuery], summary="List whom a campaign admitted")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Assignment]:
        query = AdmissionQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        fields = {"arm": "arm", "admitted_after": "assigned_at__gt"}
        asked = {fields[name]: value for name, value in query.validated_data.items()}
        campaign = by_number(Campaign.objects.all(), self.kwargs["pk"])
        return campaign.assignments.select_related("customer__merged_into").filter(**asked)
