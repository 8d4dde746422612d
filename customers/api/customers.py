"""Customers in, as they stand, their consents, their data, their erasure."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.batches import BatchParser, read_batch
from catalog.api.schema import batch_examples, batch_request, batch_responses
from customers.api.finding import MERGED_INTO, OfCustomer
from customers.api.serializers import ConsentIn, ConsentOut, CustomerFileOut, CustomerOut
from customers.messages import CustomerMessage
from customers.models import Customer
from customers.selectors import customer_file
from customers.services.consent import record_consents
from customers.services.customers import load_customers
from customers.services.export import export_customer
from customers.services.forget import forget_customer
from retention.access.api import idempotent
from retention.access.api.moments import MomentField
from retention.access.models import Scope

ADA = {
    "external_id": "c-1042",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "timezone": "Europe/London",
    "identities": [{"source": "web", "external_id": "d41d8cd9"}],
    "consents": {"MARKETING": True},
}


class CustomerQuery(serializers.Serializer[Any]):
    external_id = serializers.CharField(
        required=False,
        max_length=161,
        help_text="The shop's, or another source's: bare, or as source:id.",
    )
    seen_after = MomentField(required=False, help_text="Last seen later than this.")
    seen_before = MomentField(required=False, help_text="Last seen before this.")


class CustomerList(ListAPIView[Customer]):
    """Customers, newest first; and the way they come in."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.CUSTOMERS_WRITE}
    parser_classes = [BatchParser]
    serializer_class = CustomerOut
    filter_backends = []
    queryset = Customer.objects.none()

    @extend_schema(
        summary="List customers",
        parameters=[CustomerQuery],
        responses={200: CustomerOut(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Send in customers",
        description=(
            "One, or a list of up to 1,000. What is not sent stays as it is. `identities` says by"
            " what ids other sources know the same person; an id that belongs to another customer"
            " is refused, for two customers are never made one here."
        ),
        request=batch_request(CustomerMessage),
        responses=batch_responses("created", "updated", "unchanged"),
        examples=batch_examples(
            [ADA, {"external_id": "c-1043", "locale": "fr-FR"}],
            {"created": 1, "updated": 1, "unchanged": 0},
            {
                "index": 1,
                "reason": "bad_locale",
                "detail": "locale 'french': expected as in fr-FR.",
            },
        ),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        batch = read_batch(request, CustomerMessage)
        loaded = load_customers(batch.messages, at=timezone.now(), source="api")
        return batch.answer(
            loaded.refused,
            created=loaded.created,
            updated=loaded.updated,
            unchanged=loaded.unchanged,
        )

    def get_queryset(self) -> QuerySet[Customer]:
        query = CustomerQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Customer.objects.asked(**query.validated_data)


class CustomerDetail(OfCustomer):
    """A customer by the shop's own id, by another source's (source:id), or by one that they had
    before a merge."""

    required_scopes = {"GET": Scope.READ, "DELETE": Scope.CUSTOMERS_WRITE}

    @extend_schema(summary="A customer", responses={200: CustomerFileOut})
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        merged = MERGED_INTO in self.headers
        shown = CustomerFileOut(customer_file(customer), context={"merged": merged})
        return Response(shown.data)

    @extend_schema(
        summary="Erase a customer",
        description=(
            "The person, how to reach them, their ids, consents and scores are gone. What happened"
            " stays as nobody's, and so does what still arrives for one of the ids."
        ),
        responses={204: OpenApiResponse(description="Erased.")},
    )
    def delete(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        forget_customer(customer, by=str(request.user), at=timezone.now())
        return Response(status=204)


class CustomerConsents(OfCustomer):
    """What a customer agrees to. Each answer is kept; the last one stands."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.CUSTOMERS_WRITE}

    @extend_schema(
        summary="Consents of a customer",
        responses={200: ConsentOut(many=True)},
    )
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        return Response(ConsentOut(customer_file(customer, events=0).consents, many=True).data)

    @extend_schema(
        summary="Record a consent or an objection",
        request=ConsentIn,
        responses={201: ConsentOut(many=True)},
        examples=[
            OpenApiExample(
                "An objection",
                value={"purpose": "MARKETING", "granted": False, "source": "account page"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        given = ConsentIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        record_consents(
            {(customer.pk, said["purpose"]): said["granted"]},
            source=said["source"],
            at=timezone.now(),
        )
        consents = customer_file(self.customer(external_id), events=0).consents
        return Response(ConsentOut(consents, many=True).data, status=201)


class CustomerExport(OfCustomer):
    """Everything on record about a customer, for the customer."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(
        summary="A customer's data",
        description="All rows of all tables that point at the customer, by table.",
        responses={200: {"type": "object"}},
    )
    def get(self, request: Request, external_id: str) -> Response:
        customer = self.customer(external_id)
        return Response(export_customer(customer, by=str(request.user), at=timezone.now()))
