"""The shapes of a result that go out. Money is an integer of minor units beside its currency."""

from typing import Any

from rest_framework import serializers

from campaigns.models import Measurement
from campaigns.selectors.grouping import BY
from campaigns.selectors.verdict import Answer


class EffectOut(serializers.Serializer[Any]):
    metric = serializers.ChoiceField(choices=Measurement.Metric.choices)
    text = serializers.CharField(source="label", help_text="For people.")
    treated_mean = serializers.FloatField()
    control_mean = serializers.FloatField()
    effect = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower end of the 95% interval.")
    high = serializers.FloatField(help_text="Upper end of the 95% interval.")
    best = serializers.FloatField(
        allow_null=True,
        help_text="Chance that no other offer has a higher mean; null where offers are not"
        " compared by lot.",
    )


class ComparisonOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    treated = serializers.IntegerField()
    control = serializers.IntegerField()
    sample_ratio_p = serializers.FloatField(
        help_text="Below 0.001 the groups are not what was drawn: believe no figure."
    )
    effects = EffectOut(many=True)


class GroupOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    treated = serializers.IntegerField()
    control = serializers.IntegerField()
    effects = EffectOut(many=True)


class GroupingOut(serializers.Serializer[Any]):
    """Customers as they were called at the launch; small groups are joined."""

    by = serializers.ChoiceField(choices=list(BY.items()))
    text = serializers.CharField(source="label", help_text="For people.")
    p = serializers.FloatField(
        help_text="Chance that the groups seem to differ so much in customers kept though none"
        " does, corrected for the number of groupings (Holm)."
    )
    groups = GroupOut(many=True)


class ArmOfWaveOut(serializers.Serializer[Any]):
    offer = serializers.CharField()
    share = serializers.FloatField(help_text="Of the customers with a coupon.")
    best = serializers.FloatField(help_text="Chance that it was the best, as was known then.")
    known = serializers.IntegerField(help_text="Customers that was known from.")
    ordered = serializers.IntegerField(help_text="Of these, within the days of a wave.")
    customers = serializers.IntegerField(help_text="Drawn for it in this wave.")


class WaveOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1.")
    opened_at = serializers.DateTimeField()
    control = serializers.IntegerField()
    arms = ArmOfWaveOut(many=True)


class ResultsOut(serializers.Serializer[Any]):
    """What it changed, by intention to treat."""

    campaign = serializers.IntegerField()
    stage = serializers.ChoiceField(
        choices=["NOT_LAUNCHED", "NOT_MEASURED", "NOT_MEASURABLE", "TOO_EARLY", "FINAL"]
    )
    answer = serializers.ChoiceField(
        choices=[(one.value, one.value) for one in Answer], help_text="What it did to your money."
    )
    headline = serializers.CharField(help_text="The answer in a few words.")
    sentence = serializers.CharField(help_text="The same with its intervals.")
    next_step = serializers.CharField(help_text="What to do next.")
    looks = serializers.IntegerField(
        help_text="How often it was measured; the intervals hold over all looks together."
    )
    day = serializers.IntegerField()
    days = serializers.IntegerField()
    final_at = serializers.DateTimeField(allow_null=True)
    measured_until = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()
    overall = ComparisonOut(allow_null=True)
    offers = ComparisonOut(many=True)
    offers_sentence = serializers.CharField(
        allow_blank=True, help_text="Which offer is the best, and how sure that is."
    )
    waves = WaveOut(many=True, help_text="Of a campaign in waves: how each was shared.")
    groupings = GroupingOut(
        many=True, help_text="For ideas: the intervals hold for all groups of a metric together."
    )
    groups_sentence = serializers.CharField(
        allow_blank=True, help_text="Whether groups differ, in words."
    )
    money_metric = serializers.CharField(allow_blank=True)
    net_total = serializers.IntegerField(allow_null=True)
    net_low = serializers.IntegerField(allow_null=True)
    net_high = serializers.IntegerField(allow_null=True)
    doubled = serializers.IntegerField(
        help_text="Draws left out: their customer, merged since, was drawn before."
    )
    conflicts = serializers.IntegerField(help_text="Of these, into another group than before.")
    notes = serializers.ListField(child=serializers.CharField())
