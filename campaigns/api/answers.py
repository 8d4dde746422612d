"""The shapes that go out. Money is an integer of minor units beside its currency."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.models import Campaign, Offer
from campaigns.selectors.waves import wave_now
from retention.insights.models import Band
from retention.learning.decide.uplift import Response


class OfferOut(serializers.ModelSerializer[Offer]):
    gift = serializers.CharField(source="gift.external_id", default=None, allow_null=True)
    category = serializers.CharField(source="category.path", default=None, allow_null=True)

    class Meta:
        model = Offer
        fields = [
            "id",
            "name",
            "benefit",
            "percent",
            "amount",
            "maximum_discount",
            "minimum_spend",
            "valid_days",
            "share",
            "gift",
            "points",
            "scope",
            "category",
            "may_sell_below_cost",
            "stacking",
            "priority",
        ]


class PlannedOfferOut(OfferOut):
    products: Any = serializers.SlugRelatedField(
        slug_field="external_id",
        many=True,
        read_only=True,
        help_text="Of the scope CHOSEN: their ids; none: everything.",
    )

    class Meta(OfferOut.Meta):
        fields = [*OfferOut.Meta.fields, "products"]


class WaveNowOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Of the last one that opened, from 1; 0: none yet.")
    of = serializers.IntegerField()
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="Null after the last one, and unless it is running."
    )


class CampaignOut(serializers.ModelSerializer[Campaign]):
    bands = serializers.ListField(child=serializers.ChoiceField(choices=Band.choices))
    offers = PlannedOfferOut(many=True)
    wave = serializers.SerializerMethodField(
        help_text="Where a launched campaign in waves is; null for every other."
    )

    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "state",
            "revision",
            "bands",
            "segment",
            "minimum_risk",
            "assigning",
            "send_at_a_loss",
            "maximum_customers",
            "budget_amount",
            "committed_amount",
            "currency",
            "contact_gap_days",
            "control_share",
            "measure_days",
            "trigger",
            "trigger_value",
            "trigger_already",
            "admits_until",
            "wave",
            "code_uses",
            "uses_per_customer",
            "general_code",
            "code_for_anyone",
            "offers",
            "created_at",
            "submitted_at",
            "approved_at",
            "launched_at",
            "ended_at",
        ]

    @extend_schema_field(WaveNowOut(allow_null=True))
    def get_wave(self, campaign: Campaign) -> dict[str, Any] | None:
        found = wave_now(campaign, at=timezone.now())
        return None if found is None else dict(WaveNowOut(found).data)


class ExplanationOut(serializers.Serializer[Any]):
    """Why the customer got it, as it was known when they were chosen."""

    campaign = serializers.CharField()
    chosen_at = serializers.DateTimeField()
    occasion = serializers.CharField(
        allow_blank=True, help_text="What triggered it; empty where all were chosen at the launch."
    )
    rank = serializers.IntegerField(help_text="By expected gain, 1 first.")
    chance_without = serializers.FloatField(
        allow_null=True,
        help_text="Of an order within the days measured, without the offer; null without a score.",
    )
    chance_with = serializers.FloatField(allow_null=True)
    is_causal = serializers.BooleanField(
        help_text="Whether campaigns had measured what offers change; else it is assumed."
    )
    campaigns = serializers.IntegerField(help_text="Measured by then.")
    uplift = serializers.FloatField(
        allow_null=True,
        help_text="What the uplift models said the coupon adds to the chance of an order; null"
        " where none served.",
    )
    response = serializers.ChoiceField(
        choices=[one.value for one in Response],
        allow_null=True,
        help_text="What they expected the customer to be; null where none served, or the model that"
        " did is not kept any more.",
    )
    probability = serializers.FloatField(help_text="With which the lot drew this arm.")
    churn_probability = serializers.FloatField(allow_null=True)
    predicted_clv = serializers.IntegerField(allow_null=True)
    reasons = serializers.ListField(child=serializers.DictField())
    model_version = serializers.CharField()
    approved_by = serializers.CharField()
