"""The shapes that come in. Money is an integer of minor units beside its currency."""

from typing import Any

from rest_framework import serializers

from campaigns.codes import LONGEST
from campaigns.models import Campaign, Offer
from campaigns.orders import Line, Order
from campaigns.plans import AT, MOST_USES, CampaignPlan, OfferPlan
from campaigns.services.lock import LOCK_MINUTES, LONGEST_LOCK_MINUTES
from campaigns.services.refund import Back
from customers.facts import source_of
from customers.models import SHOP
from retention.access.api import Problem
from retention.access.api.bodies import Body
from retention.access.api.choices import Choice
from retention.access.api.moments import MomentField
from retention.insights.models import Band
from retention.present.amounts import MOST


class MinorUnits(serializers.IntegerField):
    """An amount of money: whole pence, cents."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"min_value": 0, "max_value": MOST} | options))


class OfferIn(Body[OfferPlan]):
    benefit = Choice(choices=Offer.Benefit.choices)
    name = serializers.CharField(max_length=100, required=False)
    percent = serializers.IntegerField(min_value=1, max_value=100, required=False)
    amount = MinorUnits(required=False)
    maximum_discount = MinorUnits(required=False)
    minimum_spend = MinorUnits(required=False)
    valid_days = serializers.IntegerField(min_value=1, max_value=730, required=False)
    share = serializers.IntegerField(min_value=1, max_value=100, required=False)
    products = serializers.ListField(
        child=serializers.CharField(max_length=128), max_length=1000, required=False
    )
    gift = serializers.CharField(max_length=128, required=False, help_text="Its product id.")
    points = serializers.IntegerField(min_value=1, max_value=10**9, required=False)
    scope = Choice(
        choices=Offer.Scope.choices,
        required=False,
        help_text="What it is good for. CHOSEN: the `products`. Left out without any: everything.",
    )
    category = serializers.CharField(max_length=500, required=False, help_text="Its whole path.")
    may_sell_below_cost = serializers.BooleanField(required=False)
    stacking = Choice(choices=Offer.Stacking.choices, required=False)
    priority = serializers.IntegerField(min_value=0, max_value=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("scope") == Offer.Scope.CHOSEN and not attrs.get("products"):
            said = "Name the products that CHOSEN is about. For everything leave `scope` out."
            raise serializers.ValidationError({"products": [said]})
        return attrs


class CampaignIn(Body[CampaignPlan]):
    name = serializers.CharField(max_length=150)
    bands = serializers.ListField(child=Choice(choices=Band.choices), max_length=3, required=False)
    segment = serializers.IntegerField(min_value=1, max_value=2**31, required=False)
    minimum_risk = serializers.FloatField(min_value=0, max_value=0.99, required=False)
    assigning = Choice(choices=Campaign.Assigning.choices, required=False)
    send_at_a_loss = serializers.BooleanField(
        required=False,
        help_text="Also to whom a coupon is expected to cost more than it earns with.",
    )
    budget_amount = MinorUnits()
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    offers = serializers.ListField(child=OfferIn(), min_length=1, max_length=10)
    maximum_customers = serializers.IntegerField(min_value=2, max_value=10**9, required=False)
    contact_gap_days = serializers.IntegerField(min_value=0, max_value=3650, required=False)
    control_share = serializers.FloatField(
        min_value=0.01,
        max_value=0.9,
        required=False,
    )
    measure_days = serializers.IntegerField(min_value=1, max_value=365, required=False)
    trigger = Choice(
        choices=[(name, Campaign.Trigger(name).label) for name in AT],
        required=False,
        help_text="Admits customers one by one; left out: all are chosen at the launch.",
    )
    trigger_value = serializers.FloatField(
        min_value=0.01,
        max_value=168,
        required=False,
        help_text="BASKET: hours after the last product. RISK: a probability. OVERDUE: a multiple"
        " of the customer's own days between orders. WAVES: days from wave to wave.",
    )
    trigger_already = serializers.BooleanField(
        required=False, help_text="Also whoever it was true of at the launch."
    )
    admits_until = MomentField(required=False)
    code_uses = serializers.IntegerField(
        min_value=1,
        max_value=MOST_USES,
        required=False,
        help_text="Makes it one code for all, used so often in all; left out: a code for each.",
    )
    uses_per_customer = serializers.IntegerField(
        min_value=1, max_value=MOST_USES, required=False, help_text="Of a code for all: 1."
    )
    general_code = serializers.CharField(
        max_length=LONGEST, required=False, help_text="Your own word; left out: drawn at random."
    )
    code_for_anyone = serializers.BooleanField(
        required=False, help_text="False: only for the bands or the segment, as they are then."
    )

    def plan(self) -> CampaignPlan:
        """The plan that valid data asks for."""
        given = dict(self.validated_data)
        offers = tuple(
            OfferPlan(**(offer | {"products": tuple(offer.get("products", ()))}))
            for offer in given.pop("offers")
        )
        return CampaignPlan(**(given | {"bands": tuple(given.get("bands", ()))}), offers=offers)


class WhatIfIn(Body[dict[str, Any]]):
    """What is left out stays as it is drafted."""

    budget_amount = MinorUnits(required=False, min_value=1)
    control_share = serializers.FloatField(min_value=0.01, max_value=0.9, required=False)
    minimum_risk = serializers.FloatField(min_value=0, max_value=0.99, required=False)
    maximum_customers = serializers.IntegerField(min_value=2, max_value=10**9, required=False)
    depth = serializers.FloatField(
        min_value=0.1,
        max_value=4,
        required=False,
        help_text="Of every discount, as a multiple of what the draft gives.",
    )


class RevisionIn(Body[dict[str, Any]]):
    revision = serializers.IntegerField(
        min_value=1,
        max_value=2**31,
        required=False,
        help_text="The revision you looked at: refused if the campaign was edited since.",
    )


class CancelIn(Body[dict[str, Any]]):
    void_coupons = serializers.BooleanField(
        default=False, help_text="Also withdraw the coupons that nobody used yet."
    )


class LineIn(Body[Line]):
    product = serializers.CharField(max_length=128, help_text="Your product id.")
    amount = MinorUnits(help_text="What the line comes to, in minor units.")
    quantity = serializers.IntegerField(min_value=1, max_value=10**6, default=1)


def _adds_up(attrs: dict[str, Any]) -> dict[str, Any]:
    lines = attrs.get("lines")
    if lines and (total := sum(line["amount"] for line in lines)) != attrs["amount"]:
        said = f"The lines come to {total}, the amount is {attrs['amount']}."
        raise Problem(422, "Not sound", said, errors={"lines": [said]})
    return attrs


class ValidateIn(Body[Order]):
    customer = serializers.CharField(max_length=128, help_text="Your customer id.")
    customer_source = serializers.RegexField(
        r"^[A-Za-z0-9_-]{1,30}$",
        default=SHOP,
        error_messages={"invalid": "Expected at most 30 letters, digits, - and _."},
        help_text="Whose id it is, where it is not the shop's own, as in events.",
    )
    amount = MinorUnits(help_text="What the goods come to, before the coupon.")
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    shipping = MinorUnits(required=False, help_text="What the customer pays for shipping.")
    lines = serializers.ListField(child=LineIn(), required=False, max_length=1000)
    codes = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=10,
        help_text="Other coupons on the order, as they were typed.",
    )
    order_id = serializers.CharField(
        max_length=64, required=False, help_text="Not needed yet; so one body serves both calls."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _adds_up(attrs)

    def order(self) -> Order:
        """The order that valid data describes."""
        given: dict[str, Any] = self.validated_data
        return Order(
            order_id=given.get("order_id", ""),
            customer=given["customer"],
            source=source_of(given["customer_source"]),
            amount=given["amount"],
            currency=given["currency"],
            shipping=given.get("shipping"),
            lines=tuple(Line(**line) for line in given.get("lines", ())),
            codes=tuple(given.get("codes", ())),
        )


class RedeemIn(ValidateIn):
    order_id = serializers.CharField(max_length=64, help_text="Your order id: a retry counts once.")


class LockIn(RedeemIn):
    minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_LOCK_MINUTES, default=LOCK_MINUTES
    )


class RefundIn(Body[dict[str, Any]]):
    order_id = serializers.CharField(max_length=64)
    refund_id = serializers.CharField(max_length=64, help_text="Yours: a retry counts once.")
    amount = MinorUnits(min_value=1, help_text="What the goods that come back had come to.")
    lines = serializers.ListField(child=LineIn(), required=False, max_length=1000)
    whole = serializers.BooleanField(
        default=False,
        help_text="Nothing is left of the order. Only needed where it was redeemed before lines and"
        " shipping were kept.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _adds_up(attrs)

    def back(self) -> Back:
        """What comes back, as valid data says."""
        given: dict[str, Any] = self.validated_data
        return Back(
            refund_id=given["refund_id"],
            amount=given["amount"],
            lines=tuple(Line(**line) for line in given.get("lines", ())),
            whole=given["whole"],
        )


class ReleaseIn(Body[dict[str, Any]]):
    order_id = serializers.CharField(max_length=64)


class UnlockIn(ReleaseIn):
    """The order that is not placed after all."""
