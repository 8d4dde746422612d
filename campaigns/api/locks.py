"""A checkout that takes minutes: the coupon is kept for it meanwhile."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.services.lock import lock_coupon, unlock_coupon
from retention.access.api import idempotent
from retention.access.models import Scope

from .asked import LockIn, UnlockIn
from .coupon_answers import LockOut
from .coupons import ORDER, REFUSED
from .guessing import refuse_guessers
from .refusals import refusals_as_problems


class Lock(APIView):
    """Keep a use for an order while it is being placed. It ends by itself; again: from now on."""

    required_scopes = {"POST": Scope.COUPONS_REDEEM}

    @extend_schema(
        summary="Lock a coupon",
        request=LockIn,
        responses={200: LockOut, 409: REFUSED},
        examples=[
            OpenApiExample("An order", value=ORDER | {"order_id": "2026-0815"}, request_only=True)
        ],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        asked = LockIn(data=request.data)
        asked.is_valid(raise_exception=True)
        order, now = asked.order(), timezone.now()
        refuse_guessers(request, order.customer, at=now)
        with refusals_as_problems():
            lock = lock_coupon(code, order=order, minutes=asked.validated_data["minutes"], at=now)
        return Response(LockOut(lock).data)


class Unlock(APIView):
    """Give the use up again. Where nothing was kept, nothing happens."""

    required_scopes = {"POST": Scope.COUPONS_REDEEM}

    @extend_schema(
        summary="Unlock a coupon",
        request=UnlockIn,
        responses={204: None},
        examples=[OpenApiExample("An order", value={"order_id": "2026-0815"}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        asked = UnlockIn(data=request.data)
        asked.is_valid(raise_exception=True)
        unlock_coupon(code, order_id=asked.validated_data["order_id"], at=timezone.now())
        return Response(status=204)
