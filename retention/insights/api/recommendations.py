"""What to show: to a customer, to a visitor, beside a product; and what was seen of it."""

from collections.abc import Callable

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.finding import by_external_id
from catalog.models import Product
from customers.api.finding import OfCustomer
from customers.models import Customer
from retention.access.api import Problem, idempotent
from retention.access.models import Scope
from retention.insights.beside import goes_with, similar_to
from retention.insights.merchandising import Recommended
from retention.insights.recommendation_ids import UnknownRecommendation
from retention.insights.recommendations import recommendations_for, recommendations_from
from retention.insights.services.report_shown import (
    NotInTheList,
    Seen,
    report_shown,
)

from . import recommendation_shapes as shapes

UNKNOWN = OpenApiResponse(description="There is no such customer, category or product; named.")


class RecommendationsView(OfCustomer):
    """What a customer is likely to want next; what everyone buys, where they did not agree."""

    required_scopes = {"GET": Scope.RECOMMEND}

    @extend_schema(
        summary="Recommendations for a customer",
        operation_id="customer_recommendations",
        parameters=[shapes.ListSerializer],
        responses={200: shapes.RecommendationsSerializer, 404: UNKNOWN},
    )
    def get(self, request: Request, external_id: str) -> Response:
        return _list(request, self.customer(external_id))


class PopularView(APIView):
    """What everyone buys lately: for a visitor nobody knows."""

    required_scopes = {"GET": Scope.RECOMMEND}

    @extend_schema(
        summary="What is popular",
        operation_id="popular_products",
        parameters=[shapes.ListSerializer],
        responses={200: shapes.RecommendationsSerializer, 404: UNKNOWN},
    )
    def get(self, request: Request) -> Response:
        return _list(request, None)


def _list(request: Request, customer: Customer | None) -> Response:
    said = request.query_params
    asked = shapes.ListSerializer(data=said.dict() | {"basket": said.getlist("basket")})
    asked.is_valid(raise_exception=True)
    shown = recommendations_for(customer, asked.wanted, at=timezone.now())
    return Response(shapes.RecommendationsSerializer(shown).data)


class AnonymousView(APIView):
    """What fits a visit: the products that somebody looked at, whoever they are."""

    required_scopes = {"POST": Scope.RECOMMEND}

    @extend_schema(
        summary="Recommendations for a visit",
        description=(
            "For a visitor nobody knows, from what they looked at until now. Nothing is stored."
            " Product ids that are not known are passed over."
        ),
        operation_id="visit_recommendations",
        request=shapes.VisitSerializer,
        responses={200: shapes.RecommendationsSerializer, 404: UNKNOWN},
    )
    def post(self, request: Request) -> Response:
        visit = shapes.VisitSerializer(data=request.data)
        visit.is_valid(raise_exception=True)
        ids = visit.validated_data["products"]
        found = {one.external_id: one for one in Product.objects.filter(external_id__in=ids)}
        seen = [found[one] for one in dict.fromkeys(reversed(ids)) if one in found]
        shown = recommendations_from(seen[::-1], visit.wanted, at=timezone.now())
        return Response(shapes.RecommendationsSerializer(shown).data)


class ShownView(APIView):
    """What was seen and clicked of a list, so that each model's clicks can be told apart."""

    required_scopes = {"POST": Scope.EVENTS_WRITE}

    @extend_schema(
        summary="Report what was seen",
        description=(
            "With the `recommendation_id` of the answer, as it was. May be sent as often as you"
            " like: a product is seen once in a list, and its first click counts."
        ),
        operation_id="recommendations_shown",
        request=shapes.SeenSerializer,
        responses={200: shapes.RecordedSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = shapes.SeenSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            recorded = report_shown(Seen(**said.validated_data), at=timezone.now())
        except UnknownRecommendation as unknown:
            raise Problem(422, "Unknown recommendation", str(unknown)) from unknown
        except NotInTheList as missing:
            raise Problem(422, "Not in the list", str(missing)) from missing
        return Response({"recorded": recorded})


class SimilarView(APIView):
    """Products that the customers of this one took too."""

    required_scopes = {"GET": Scope.RECOMMEND}

    @extend_schema(
        summary="Products similar to one",
        operation_id="similar_products",
        parameters=[shapes.LimitSerializer],
        responses=shapes.SimilarSerializer,
    )
    def get(self, request: Request, external_id: str) -> Response:
        return _beside(request, external_id, similar_to)


class GoesWithView(APIView):
    """Products that go into one basket with this one."""

    required_scopes = {"GET": Scope.RECOMMEND}

    @extend_schema(
        summary="Products that go with one",
        operation_id="products_that_go_with",
        parameters=[shapes.LimitSerializer],
        responses=shapes.SimilarSerializer,
    )
    def get(self, request: Request, external_id: str) -> Response:
        return _beside(request, external_id, goes_with)


def _beside(request: Request, external_id: str, find: Callable[..., list[Recommended]]) -> Response:
    """What stands beside a product, as `find` finds it."""
    asked = shapes.LimitSerializer(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    product = by_external_id(Product.objects.all(), external_id)
    items = find(product, limit=asked.validated_data["limit"], at=timezone.now())
    return Response(shapes.SimilarSerializer({"items": items}).data)
