"""The shapes that go out to a checkout. Money is an integer of minor units beside its currency."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.models import Coupon, CouponLock, Redemption, Refund

from .answers import OfferOut


class ReasonOut(serializers.Serializer[Any]):
    reason = serializers.CharField(help_text="For your program.")
    message = serializers.CharField(help_text="For your customer.")
    remedy = serializers.CharField(
        allow_blank=True, help_text="What would make it apply; empty where nothing would."
    )


class VerdictOut(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    discount_amount = serializers.IntegerField()
    gift = serializers.CharField(allow_null=True, help_text="Product id of what comes with it.")
    points = serializers.IntegerField(allow_null=True)
    line_discounts = serializers.ListField(
        child=serializers.IntegerField(), help_text="The discount split over your lines."
    )
    reasons = ReasonOut(many=True, help_text="Every reason why it does not apply.")


class RedemptionOut(serializers.ModelSerializer[Redemption]):
    gift = serializers.CharField(
        source="coupon.offer.gift.external_id", default=None, allow_null=True
    )
    points = serializers.IntegerField(source="coupon.offer.points", allow_null=True)
    line_discounts = serializers.ListField(
        child=serializers.IntegerField(), help_text="The discount split over your lines."
    )
    replayed = serializers.SerializerMethodField(
        help_text="True where this order had done so before: nothing was counted again."
    )

    class Meta:
        model = Redemption
        fields = [
            "id",
            "order_id",
            "order_amount",
            "discount_amount",
            "line_discounts",
            "gift",
            "points",
            "refunded_amount",
            "refunded_discount",
            "currency",
            "redeemed_at",
            "released_at",
            "replayed",
        ]

    @extend_schema_field(serializers.BooleanField)
    def get_replayed(self, redemption: Redemption) -> bool:
        return bool(self.context.get("replayed", False))


class LockOut(serializers.ModelSerializer[CouponLock]):
    class Meta:
        model = CouponLock
        fields = ["order_id", "until"]


class RefundOut(serializers.ModelSerializer[Refund]):
    order_id = serializers.CharField(source="redemption.order_id")
    currency = serializers.CharField(source="redemption.currency")
    line_discounts = serializers.SerializerMethodField(
        help_text="What each line of the order had off of what comes back."
    )
    replayed = serializers.SerializerMethodField(help_text="True where you told it before.")
    gave_back = serializers.SerializerMethodField(
        help_text="True where nothing is left of the order: the coupon can be used again."
    )

    class Meta:
        model = Refund
        fields = [
            "order_id",
            "refund_id",
            "amount",
            "discount_amount",
            "line_discounts",
            "currency",
            "refunded_at",
            "gave_back",
            "replayed",
        ]

    def get_line_discounts(self, refund: Refund) -> list[int]:
        sent = any(product for product, _, _ in refund.redemption.sold)
        return [discount for _, discount in refund.lines] if sent else []

    @extend_schema_field(serializers.BooleanField)
    def get_replayed(self, _: Refund) -> bool:
        return bool(self.context["replayed"])

    @extend_schema_field(serializers.BooleanField)
    def get_gave_back(self, _: Refund) -> bool:
        return bool(self.context["gave_back"])


class CouponOut(serializers.ModelSerializer[Coupon]):
    customer = serializers.CharField(
        source="customer.current.external_id",
        default=None,
        allow_null=True,
        help_text="Who they are now, where they were merged into another; null in a code for all.",
    )
    offer = OfferOut()
    products = serializers.ListField(
        child=serializers.CharField(),
        help_text="What it is for, where that was found for this customer when it was issued.",
    )
    state = serializers.SerializerMethodField()

    class Meta:
        model = Coupon
        fields = [
            "code",
            "campaign",
            "customer",
            "offer",
            "products",
            "state",
            "maximum_redemptions",
            "uses_per_customer",
            "redeemed_count",
            "issued_at",
            "expires_at",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=["LIVE", "REDEEMED", "EXPIRED", "VOID"]))
    def get_state(self, coupon: Coupon) -> str:
        return coupon.state(self.context["at"])
