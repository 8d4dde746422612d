"""Two customers who are one person: merged when a client says so, and parted again."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.finding import by_external_id
from customers.api.finding import OfCustomer
from customers.merging import NotMergeable
from customers.models import Customer, CustomerMerge
from customers.services.unmerge import NotUndoable
from retention.access.api import Problem, idempotent
from retention.access.api.bodies import Body
from retention.access.models import Scope
from retention.insights.services.merge import merge_customers
from retention.insights.services.unmerge import unmerge_customers

REFUSED = OpenApiResponse(description="It cannot be; `detail` says why and what to do first.")


class MergeIn(Body[Any]):
    absorb = serializers.CharField(max_length=160, help_text="The customer id that goes away.")
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class UnmergeIn(Body[Any]):
    restore = serializers.CharField(max_length=160, help_text="The customer id that was absorbed.")


class MergeOut(serializers.ModelSerializer[CustomerMerge]):
    kept = serializers.CharField(source="kept.external_id")
    absorbed = serializers.CharField(source="absorbed.external_id")
    taken = serializers.ListField(
        child=serializers.CharField(), help_text="What the kept lacked and has of the absorbed."
    )

    class Meta:
        model = CustomerMerge
        fields = (
            "kept",
            "absorbed",
            "reason",
            "identities",
            "events",
            "taken",
            "merged_by",
            "merged_at",
            "undone_by",
            "undone_at",
        )


class MergeView(OfCustomer):
    """Say that another customer is this one too. Can be undone."""

    required_scopes = {"POST": Scope.CUSTOMERS_WRITE}

    @extend_schema(
        summary="Merge a customer into this one",
        description=(
            "Ids, events, contact and consents of the absorbed go to this one; a no of either wins."
            " From then on all that is asked of or sent for the absorbed id is about this one."
            " Nothing is ever merged by itself, and an id that is nobody's never."
        ),
        operation_id="merge_customer",
        request=MergeIn,
        responses={201: MergeOut, 409: REFUSED},
        examples=[OpenApiExample("One person", value={"absorb": "c-77"}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        asked = MergeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        kept = self.customer(external_id)
        absorbed = by_external_id(Customer.objects.all(), asked.validated_data["absorb"])
        try:
            made = merge_customers(
                kept,
                absorbed,
                by=str(request.user),
                reason=asked.validated_data["reason"],
                at=timezone.now(),
            )
        except NotMergeable as refused:
            raise Problem(409, "Not mergeable", str(refused)) from refused
        return Response(MergeOut(made).data, status=201)


class UnmergeView(OfCustomer):
    """Make the two customers of a merge out of one again."""

    required_scopes = {"POST": Scope.CUSTOMERS_WRITE}

    @extend_schema(
        summary="Undo a merge",
        description=(
            "Everyone is as they were, with what came since by each one's ids. Merges of one"
            " person are undone last first."
        ),
        operation_id="unmerge_customer",
        request=UnmergeIn,
        responses={200: MergeOut, 409: REFUSED},
        examples=[OpenApiExample("Two after all", value={"restore": "c-77"}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        asked = UnmergeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        now, absorbed = self.customer(external_id), asked.validated_data["restore"]
        merges = CustomerMerge.objects.in_force().filter(absorbed__merged_into=now)
        made = merges.filter(absorbed__external_id=absorbed).first()
        if made is None:
            raise Problem(404, "Not found", f"{absorbed!r} is not merged into {now}.")
        try:
            undone = unmerge_customers(made, by=str(request.user), at=timezone.now())
        except NotUndoable as refused:
            raise Problem(409, "Not undoable", str(refused)) from refused
        return Response(MergeOut(undone).data)
