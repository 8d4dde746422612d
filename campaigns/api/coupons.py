"""What a shop's checkout asks: its coupons, whether one applies, to spend it, to give it back."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.codes import normal
from campaigns.models import Coupon
from campaigns.qr import qr_svg
from campaigns.selectors.explanation import explanation_of
from campaigns.selectors.validity import examine
from campaigns.services.redeem import redeem_coupon
from campaigns.services.refund import refund_order
from campaigns.services.release import release_redemption
from customers.selectors import customer_known_as
from retention.access.api import Problem, idempotent
from retention.access.api.moments import MomentField
from retention.access.models import Scope

from .answers import ExplanationOut
from .asked import RedeemIn, RefundIn, ReleaseIn, ValidateIn
from .coupon_answers import CouponOut, RedemptionOut, RefundOut, VerdictOut
from .guessing import coupon_or_guess, refuse_guessers
from .refusals import refusals_as_problems

ORDER = {"customer": "c-1042", "amount": 6400, "currency": "GBP"}
NONE = OpenApiResponse(description="There is no such coupon.")
REFUSED = OpenApiResponse(
    description="It does not apply; `reasons` says every reason, for programs and for people."
)


class CouponQuery(serializers.Serializer[Any]):
    campaign = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    customer = serializers.CharField(required=False, max_length=160, help_text="Your customer id.")
    issued_after = MomentField(required=False)


class CouponList(ListAPIView[Coupon]):
    """Coupons, newest first."""

    required_scopes = {"GET": Scope.COUPONS_READ}
    serializer_class = CouponOut
    filter_backends = []
    queryset = Coupon.objects.none()

    @extend_schema(parameters=[CouponQuery], summary="List coupons")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Coupon]:
        query = CouponQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        coupons = Coupon.objects.select_related(
            "customer__merged_into", "offer__gift", "offer__category"
        )
        if whose := asked.pop("customer", None):
            coupons = coupons.of_person(customer_known_as(whose))
        fields = {"campaign": "campaign", "issued_after": "issued_at__gt"}
        return coupons.filter(**{fields[name]: value for name, value in asked.items()})

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "at": timezone.now()}


class OneCouponQuery(serializers.Serializer[Any]):
    customer = serializers.CharField(
        required=False,
        max_length=160,
        help_text="Your customer id: only theirs and codes for all are found, and tries are counted"
        " by them.",
    )


class OneCoupon(APIView):
    """What a code is good for, until when, and how often it was used."""

    required_scopes = {"GET": Scope.COUPONS_READ}

    @extend_schema(
        parameters=[OneCouponQuery], summary="Read a coupon", responses={200: CouponOut, 404: NONE}
    )
    def get(self, request: Request, code: str) -> Response:
        query = OneCouponQuery(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        whose, now = query.validated_data.get("customer"), timezone.now()
        refuse_guessers(request, whose or "", at=now)
        coupons = Coupon.objects.all()
        if whose:
            coupons = coupons.of_person(customer_known_as(whose)) | coupons.general()
        shown = coupons.select_related("customer__merged_into", "offer__gift", "offer__category")
        coupon = shown.filter(code_normal=normal(code) or None).first()
        if coupon is None:
            raise Problem(404, "Not found", "There is no such coupon.")
        return Response(CouponOut(coupon, context={"at": now}).data)


class Explain(APIView):
    """Why this customer got this coupon."""

    required_scopes = {"GET": Scope.COUPONS_READ}

    @extend_schema(summary="Explain a coupon", responses=ExplanationOut)
    def get(self, request: Request, code: str) -> Response:
        coupon = coupon_or_guess(request, code, at=timezone.now())
        explanation = explanation_of(coupon) if coupon else None
        if explanation is None:
            raise Problem(404, "Not found", "There is no such coupon, or nothing is kept of it.")
        return Response(ExplanationOut(asdict(explanation)).data)


class Qr(APIView):
    """The code as a QR picture, for a letter or a till."""

    required_scopes = {"GET": Scope.COUPONS_READ}

    @extend_schema(
        summary="A coupon as QR", responses={(200, "image/svg+xml"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        coupon = coupon_or_guess(request, code, at=timezone.now())
        if coupon is None:
            raise Problem(404, "Not found", "There is no such coupon.")
        return HttpResponse(qr_svg(coupon.code), content_type="image/svg+xml")


class Validate(APIView):
    """Does the coupon apply to this order, what does it take off, and if not, why not?"""

    required_scopes = {"POST": Scope.COUPONS_READ}

    @extend_schema(
        summary="Validate a coupon",
        request=ValidateIn,
        responses=VerdictOut,
        examples=[OpenApiExample("A cart", value=ORDER, request_only=True)],
    )
    def post(self, request: Request, code: str) -> Response:
        asked = ValidateIn(data=request.data)
        asked.is_valid(raise_exception=True)
        order, now = asked.order(), timezone.now()
        refuse_guessers(request, order.customer, at=now)
        verdict = examine(code, order=order, at=now)
        offer = verdict.coupon.offer if verdict.coupon and not verdict.refusals else None
        return Response(
            {
                "valid": not verdict.refusals,
                "gift": offer.gift.external_id if offer and offer.gift else None,
                "points": offer.points if offer else None,
                "discount_amount": verdict.discount,
                "line_discounts": verdict.parts if order.lines else (),
                "reasons": [asdict(refusal) for refusal in verdict.refusals],
            }
        )


class Redeem(APIView):
    """Spend the coupon on an order. Send it again as often as you like: it counts once."""

    required_scopes = {"POST": Scope.COUPONS_REDEEM}

    @extend_schema(
        summary="Redeem a coupon",
        request=RedeemIn,
        responses={201: RedemptionOut, 200: RedemptionOut, 409: REFUSED},
        examples=[
            OpenApiExample("An order", value=ORDER | {"order_id": "2026-0815"}, request_only=True)
        ],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        asked = RedeemIn(data=request.data)
        asked.is_valid(raise_exception=True)
        order, now = asked.order(), timezone.now()
        refuse_guessers(request, order.customer, at=now)
        with refusals_as_problems():
            redeemed = redeem_coupon(code, order=order, at=now)
        answer = RedemptionOut(redeemed.redemption, context={"replayed": redeemed.replayed})
        return Response(answer.data, status=200 if redeemed.replayed else 201)


class Refund(APIView):
    """Part of the order comes back: how much of the discount belongs to it. A retry counts once."""

    required_scopes = {"POST": Scope.COUPONS_REDEEM}

    @extend_schema(
        summary="Refund a part",
        request=RefundIn,
        responses={201: RefundOut, 200: RefundOut, 409: REFUSED},
        examples=[
            OpenApiExample(
                "A line",
                value={"order_id": "2026-0815", "refund_id": "r-1", "amount": 1600},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        asked = RefundIn(data=request.data)
        asked.is_valid(raise_exception=True)
        order_id = asked.validated_data["order_id"]
        with refusals_as_problems():
            done = refund_order(code, order_id=order_id, back=asked.back(), at=timezone.now())
        told = {"replayed": done.replayed, "gave_back": done.gave_back}
        return Response(
            RefundOut(done.refund, context=told).data, status=200 if done.replayed else 201
        )


class Release(APIView):
    """Give the use back, as when an order is cancelled. Once, however often it is sent."""

    required_scopes = {"POST": Scope.COUPONS_REDEEM}

    @extend_schema(
        summary="Release a coupon",
        request=ReleaseIn,
        responses=RedemptionOut,
        examples=[OpenApiExample("An order", value={"order_id": "2026-0815"}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        asked = ReleaseIn(data=request.data)
        asked.is_valid(raise_exception=True)
        with refusals_as_problems():
            done = release_redemption(
                code, order_id=asked.validated_data["order_id"], at=timezone.now()
            )
        answer = RedemptionOut(done.redemption, context={"replayed": done.replayed})
        return Response(answer.data)
