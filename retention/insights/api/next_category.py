"""Of which category the next order will mostly be, for machines."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.finding import OfCustomer
from retention.access.api import Problem
from retention.access.models import Scope
from retention.insights.models import NextCategory

NOT_SAID = (
    "Nothing is said of the next order of {}: they objected to being analysed, never ordered from "
    "a known category, the shop has too few orders, or the nightly job has not run since they came."
)


class LikelyShape(serializers.Serializer[object]):
    category = serializers.CharField()
    probability = serializers.FloatField(help_text="If an order comes.")


class NextCategoryShape(serializers.Serializer[NextCategory]):
    customer = serializers.CharField(source="customer.external_id")
    likely = serializers.SerializerMethodField(help_text="The likeliest first, at most three.")
    by = serializers.ChoiceField(
        choices=NextCategory.By.values,
        help_text="TREE only where it told later orders better than HABIT and POPULAR did.",
    )
    computed_at = serializers.DateTimeField()

    @extend_schema_field(LikelyShape(many=True))
    def get_likely(self, row: NextCategory) -> Any:
        return [{"category": path, "probability": share} for path, share in row.likely]


class NextCategoryView(OfCustomer):
    """Of which categories a customer's next order will mostly be."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="The category of the next order",
        operation_id="customer_next_category",
        responses=NextCategoryShape,
    )
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        told = NextCategory.objects.consented().select_related("customer")
        row = told.filter(customer=customer).first()
        if row is None:
            raise Problem(404, "Not known", NOT_SAID.format(external_id))
        return Response(NextCategoryShape(row).data)
