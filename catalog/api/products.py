"""Products in, and as they stand."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.batches import BatchParser, read_batch
from catalog.api.finding import by_external_id
from catalog.api.schema import batch_examples, batch_request, batch_responses
from catalog.messages import ProductMessage
from catalog.models import Product
from catalog.services.load import load_products
from retention.access.api import idempotent
from retention.access.models import Scope

MUG = {
    "external_id": "mug-1",
    "title": "Blue mug",
    "category": "Kitchen > Mugs",
    "price": 1250,
    "currency": "GBP",
    "stock": 40,
}


class ProductOut(serializers.ModelSerializer[Product]):
    category = serializers.CharField(source="category.path", default="")
    attributes = serializers.DictField()

    class Meta:
        model = Product
        fields = (
            "external_id",
            "title",
            "description",
            "category",
            "brand",
            "price",
            "cost",
            "currency",
            "image_url",
            "attributes",
            "stock",
            "sellable",
            "created_at",
            "updated_at",
        )


class ProductQuery(serializers.Serializer[Any]):
    external_id = serializers.CharField(required=False, max_length=128)
    category = serializers.CharField(
        required=False, max_length=500, help_text="A path; what lies below it counts too."
    )
    available = serializers.BooleanField(required=False, help_text="May be shown and sold now.")


class ProductList(ListAPIView[Product]):
    """Products, newest first; and the way they come in."""

    required_scopes = {"GET": Scope.READ, "POST": Scope.CATALOG_WRITE}
    parser_classes = [BatchParser]
    serializer_class = ProductOut
    filter_backends = []
    queryset = Product.objects.none()

    @extend_schema(
        summary="List products",
        parameters=[ProductQuery],
        responses={200: ProductOut(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Send in products",
        description="One, or a list of up to 1,000. What is not sent stays as it is.",
        request=batch_request(ProductMessage),
        responses=batch_responses("created", "updated", "unchanged"),
        examples=batch_examples(
            [MUG, {"external_id": "mug-2", "stock": 0}],
            {"created": 1, "updated": 1, "unchanged": 0},
            {
                "index": 1,
                "reason": "bad_price",
                "detail": "price -1: expected a whole number >= 0.",
            },
        ),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        batch = read_batch(request, ProductMessage)
        loaded = load_products(batch.messages, at=timezone.now())
        return batch.answer(
            loaded.refused,
            created=loaded.created,
            updated=loaded.updated,
            unchanged=loaded.unchanged,
        )

    def get_queryset(self) -> QuerySet[Product]:
        query = ProductQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        return Product.objects.select_related("category").asked(**query.validated_data)


class ProductDetail(APIView):
    """A product by the shop's own id."""

    required_scopes = {"GET": Scope.READ}

    @extend_schema(summary="A product", responses={200: ProductOut})
    def get(self, request: Request, external_id: str) -> Response:
        product = by_external_id(Product.objects.select_related("category"), external_id)
        return Response(ProductOut(product).data)
